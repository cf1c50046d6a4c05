// The seam to the decision maker of the whole job: ask now, take the answer when it is there.

#pragma once

#include <optional>
#include <span>

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// Used from the control thread only.
class Advisor {
 public:
  virtual ~Advisor() = default;

  // What is known of all nodes: position i is the newest report of rank i, with sequence 0 before
  // the first one. Not again before the answer was taken. Never waits for the answer.
  virtual void ask(std::span<const NodeReport> reports, Instant now) = 0;

  // Whether a question waits for its answer to be taken.
  virtual bool is_asked() const = 0;

  // The answer, once it is there; it may be that there is nothing to advise, and then the question
  // is over without one.
  virtual std::optional<Directive> try_take(Instant now) = 0;

  // When try_take() should be called; kNever: nothing was asked.
  virtual Instant next_answer() const = 0;
};

}  // namespace weir
