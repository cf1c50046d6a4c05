// A coordinator's way to the decision maker: shows it what is known of its children every so often,
// and turns its answers into directives that expire when no further one comes.

#pragma once

#include <optional>
#include <span>

#include "runtime/base/time.hpp"
#include "runtime/environment/advisor.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class AdviceDesk {
 public:
  // Homes follow a directive for so many intervals: one or two may be late, but an advisor that is
  // silent for longer has lost touch.
  static constexpr int kUsualLifetime = 5;

  // A question at most every `interval`. `advisor` outlives the desk.
  AdviceDesk(Advisor& advisor, Duration interval, int lifetime_intervals = kUsualLifetime)
      : advisor_(advisor), interval_(interval), lifetime_(lifetime_intervals * interval) {}

  // Called whenever there may be news. Asks nothing while a question is open.
  void ask_if_due(std::span<const NodeReport> reports, Instant now);

  // A directive for all homes, once.
  std::optional<Directive> try_take(Instant now);

  // When try_take() should be called; kNever: not before the next question.
  Instant next_wakeup() const { return advisor_.next_answer(); }

 private:
  Advisor& advisor_;
  Duration interval_;
  Duration lifetime_;
  std::optional<Instant> asked_;
};

}  // namespace weir
