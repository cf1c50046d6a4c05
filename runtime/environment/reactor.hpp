// What a control loop drives, real or virtual: events in, messages out, never blocking.

#pragma once

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// A handler works with the one instant it is given. Used from the control thread only.
class Reactor {
 public:
  virtual ~Reactor() = default;

  virtual void on_message(Envelope envelope, Instant now) = 0;

  // Called once per round of the loop, after the messages: when next_wakeup() is due, and whenever
  // something may have ended.
  virtual void on_wakeup(Instant now) = 0;

  // When on_wakeup has something to do although no message came; kNever: nothing until then.
  virtual Instant next_wakeup() const = 0;

  // When something was last set going that may be answered within moments, by another rank or by a
  // worker: for so long afterwards it pays to look on without sleeping. kNever: always.
  virtual Instant last_set_going() const { return kNever; }

  // Every worker has a further task waiting, and this rank looks before long even if nothing comes:
  // tasks that come may wait until then.
  virtual bool is_supplied() const { return false; }

  // The loop may return.
  virtual bool finished() const = 0;
};

}  // namespace weir
