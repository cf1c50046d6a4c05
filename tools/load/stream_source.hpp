// Turns streams into a home's tasks: merges them by time, keeps this home's share of the tasks, and
// makes each when it is due.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobs/stream.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/control/task_source.hpp"

namespace weir {

// A stream with the ids its tasks get.
struct NumberedStream {
  std::unique_ptr<Stream> stream;
  StreamId id;
  ClassId task_class;
  KindId kind;
  std::uint8_t priority = 0;
  Duration deadline{0};  // after the arrival; zero: none
  // Expected work on a core of speed 1, which tasks then carry; unset: they do not.
  std::function<Duration(TaskId, const Arrival&)> cost_hint = {};
};

// The home of a task among so many: a uniformly random one, and the same on every rank. Drawn from
// the id, because streams have patterns of their own (sensors that report in step) that indices in
// turn would carry into the homes.
int home_of(TaskId id, int home_count);

struct StreamSourceOptions {
  int home = 0;               // this home's number, from 0
  int home_count = 1;         // see home_of()
  bool with_payloads = true;  // emulated tasks need none
  double failure_share = 0;   // of the tasks, whose payload is spoilt so that their kernel throws
  std::uint64_t seed = 1;     // decides which
  Duration from{0};           // tasks that are due before are left out
  // Where set: whether a task is this source's, in place of home and home_count. Asked once for
  // each, in the order of its stream.
  std::function<bool(TaskId)> wanted = {};
};

class StreamSource final : public TaskSource {
 public:
  // Stream time zero is `start` on this rank's clock, also where the first tasks are left out.
  StreamSource(std::vector<NumberedStream> streams, const StreamSourceOptions& options,
               Instant start);

  Instant next_due() const override {
    return next_ == nullptr ? kNever : start_ + next_->arrival.at;
  }
  Task take() override;
  bool exhausted() const override { return next_ == nullptr; }
  std::optional<AnnouncedRise> next_announced(Instant now) override;
  // Stream time zero on this rank's clock.
  Instant begin() const { return start_; }
  // Of all homes, those that were left out because they are due before `from`. Zero at a home
  // without a share.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Head {
    NumberedStream numbered;
    Arrival arrival{};
    bool ended = false;
  };

  void advance(Head& head);
  bool is_wanted(TaskId id) const;
  void choose_next();
  bool is_spoilt(TaskId id) const;

  std::vector<Head> heads_;
  StreamSourceOptions options_;
  Instant start_;
  std::uint64_t left_out_ = 0;
  Head* next_ = nullptr;  // the head whose own task is due first
};

}  // namespace weir
