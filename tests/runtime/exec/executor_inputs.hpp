// Tasks that carry a number, and a real clock, for tests of executors.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/environment/clock.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

class TestClock final : public Clock {
 public:
  Instant now() const override {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_));
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Its id is its payload.
inline Task make_task(KindId kind, std::uint64_t id) {
  Task task;
  task.header.id = TaskId(id);
  task.header.kind = kind;
  Bytes bytes;
  ByteWriter(bytes).number(id);
  task.payload = Payload(std::move(bytes));
  return task;
}

inline std::uint64_t number_in(const Payload& payload) {
  return ByteReader(payload.bytes()).number<std::uint64_t>();
}

inline std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Limits of classes 0 and 1; none of the others.
inline ClassLimits limits_of(ClassLimit first, ClassLimit second = {}) {
  ClassLimits limits{};
  limits[0] = first;
  limits[1] = second;
  return limits;
}

}  // namespace weir
