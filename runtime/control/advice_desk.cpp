#include "runtime/control/advice_desk.hpp"

namespace weir {
namespace {

// Homes follow a directive for so many intervals: one or two may be late, but an advisor that is
// silent for longer has lost touch.
constexpr int kLifetimeIntervals = 5;

}  // namespace

void AdviceDesk::ask_if_due(std::span<const NodeReport> reports, Instant now) {
  if (advisor_.is_asked() || (asked_ && now - *asked_ < interval_)) return;
  asked_ = now;
  advisor_.ask(reports, now);
}

std::optional<Directive> AdviceDesk::try_take(Instant now) {
  auto directive = advisor_.try_take(now);
  if (directive) directive->lifetime = kLifetimeIntervals * interval_;
  return directive;
}

}  // namespace weir
