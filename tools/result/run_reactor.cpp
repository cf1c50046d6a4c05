#include "tools/result/run_reactor.hpp"

#include <algorithm>
#include <utility>

namespace weir {

RunReactor::RunReactor(NodeAgent& agent, std::function<bool()> stop_requested,
                       std::vector<std::unique_ptr<RunObserver>> observers)
    : agent_(agent), stop_requested_(std::move(stop_requested)) {
  for (auto& observer : observers) observers_.push_back({std::move(observer)});
}

void RunReactor::on_message(Envelope envelope, Instant now) {
  agent_.on_message(std::move(envelope), now);
}

void RunReactor::on_wakeup(Instant now) {
  if (!agent_.stopped() && stop_requested_()) agent_.stop_admission();
  agent_.on_wakeup(now);
  for (Observed& observed : observers_) {
    if (now < observed.next) continue;
    observed.observer->observe(agent_, now);
    observed.next = now + observed.observer->interval();
  }
}

Instant RunReactor::next_wakeup() const {
  Instant next = agent_.next_wakeup();
  for (const Observed& observed : observers_) next = std::min(next, observed.next);
  return next;
}

}  // namespace weir
