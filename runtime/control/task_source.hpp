// Where a home's tasks come from: a stream, a trace, an application.

#pragma once

#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// A sudden rise of a class's rate that is known of before it comes.
struct AnnouncedRise {
  ClassId task_class;
  Instant begin;
  Instant end;  // of the rise; what it has risen to may stay for longer
};

// Used from the control thread only.
class TaskSource {
 public:
  virtual ~TaskSource() = default;

  // When the next task is due, possibly in the past; kNever: none for now, or none ever.
  virtual Instant next_due() const = 0;

  // The task whose time next_due() gave. Its arrival is the time it was due, however late it is
  // taken.
  virtual Task take() = 0;

  // No task will ever come again.
  virtual bool exhausted() const = 0;

  // The next rise that is announced at `now` or before, each once; nothing where no other one is.
  virtual std::optional<AnnouncedRise> next_announced(Instant /*now*/) { return std::nullopt; }
};

}  // namespace weir
