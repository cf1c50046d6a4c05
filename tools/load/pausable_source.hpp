// A source that can be held, and then ends at an instant that is found meanwhile: how all homes of
// a run stop at one time of their streams.

#pragma once

#include <optional>

#include "runtime/control/task_source.hpp"

namespace weir {

class PausableSource final : public TaskSource {
 public:
  // `source` outlives it.
  explicit PausableSource(TaskSource& source) : source_(source) {}

  Instant next_due() const override {
    return held_ || is_beyond_end() ? kNever : source_.next_due();
  }
  Task take() override;
  // While it is held there may still be something to come.
  bool exhausted() const override { return source_.exhausted() || (!held_ && is_beyond_end()); }
  std::optional<AnnouncedRise> next_announced(Instant now) override {
    return source_.next_announced(now);
  }

  // Gives no more tasks for now.
  void hold() { held_ = true; }
  // All that was taken was due before this; nothing taken: the begin.
  Instant frontier() const { return frontier_; }
  // Goes on with what is due before `end`, and is exhausted then. Not before frontier().
  void go_on_until(Instant end);
  // Whether something is left beyond the end.
  bool has_more() const { return !source_.exhausted(); }

 private:
  // A source that has no task for now may have one later.
  bool is_beyond_end() const {
    const Instant due = source_.next_due();
    return due != kNever && due >= end_;
  }

  TaskSource& source_;
  Instant frontier_{};
  Instant end_ = kNever;
  bool held_ = false;
};

}  // namespace weir
