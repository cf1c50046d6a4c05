// Ids are types: a rank cannot be passed where a task is meant.

#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace weir {

template <typename Tag, typename Number>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Number value) : value_(value) {}
  constexpr Number value() const { return value_; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  Number value_ = 0;
};

// An MPI rank of the job; a node is named by the rank whose agent manages it.
using RankId = Id<struct RankTag, std::int32_t>;
using WorkerId = Id<struct WorkerTag, std::int32_t>;
// (stream, index) of the task: the upper 16 bits name the stream, the lower 48 the index in it.
// Neither is made from a rank, so that a stream's tasks have the same ids on any number of ranks;
// except in sessions, whose digests nobody compares.
using TaskId = Id<struct TaskTag, std::uint64_t>;
using StreamId = Id<struct StreamTag, std::uint16_t>;
// What a task runs: the position of its function in the task table, equal on every rank.
using KindId = Id<struct KindTag, std::uint16_t>;
// Tasks of one class have alike cost and importance; queues and rates are kept per class.
using ClassId = Id<struct ClassTag, std::uint8_t>;

inline constexpr RankId kNoRank{-1};
inline constexpr int kMaxClasses = 16;

// A set of classes, a bit for each.
using ClassMask = std::uint32_t;
inline constexpr ClassMask kAllClasses = ~ClassMask{0};
constexpr ClassMask mask_of(ClassId task_class) { return ClassMask{1} << task_class.value(); }

inline constexpr int kTaskIndexBits = 48;
constexpr TaskId make_task_id(StreamId stream, std::uint64_t index) {
  return TaskId((std::uint64_t{stream.value()} << kTaskIndexBits) | index);
}
constexpr StreamId stream_of(TaskId id) {
  return StreamId(static_cast<std::uint16_t>(id.value() >> kTaskIndexBits));
}
constexpr std::uint64_t index_of(TaskId id) {
  return id.value() & ((std::uint64_t{1} << kTaskIndexBits) - 1);
}

}  // namespace weir

template <typename Tag, typename Number>
struct std::hash<weir::Id<Tag, Number>> {
  std::size_t operator()(weir::Id<Tag, Number> id) const noexcept {
    return std::hash<Number>{}(id.value());
  }
};
