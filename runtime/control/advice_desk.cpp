#include "runtime/control/advice_desk.hpp"

namespace weir {
void AdviceDesk::ask_if_due(std::span<const NodeReport> reports, Instant now) {
  if (advisor_.is_asked() || (asked_ && now - *asked_ < interval_)) return;
  asked_ = now;
  advisor_.ask(reports, now);
}

std::optional<Directive> AdviceDesk::try_take(Instant now) {
  auto directive = advisor_.try_take(now);
  if (directive) directive->lifetime = lifetime_;
  return directive;
}

}  // namespace weir
