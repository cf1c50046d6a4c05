#include "tools/exec/exec_reactor.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

ExecReactor::ExecReactor(NodeAgent& agent, CommandRunner& runner, ExecSource* source,
                         ExecOrders orders, std::vector<std::unique_ptr<RunObserver>> observers)
    : agent_(agent),
      runner_(runner),
      source_(source),
      orders_(std::move(orders)),
      run_(agent, orders_.no_more, std::move(observers)) {}

void ExecReactor::on_message(Envelope envelope, Instant now) {
  run_.on_message(std::move(envelope), now);
}

// Heeded before and after: what ends in a round may be what halts the run, and the next round may
// be long in coming.
void ExecReactor::on_wakeup(Instant now) {
  if (source_ != nullptr) source_->on_round(now);
  heed_orders(now);
  run_.on_wakeup(now);
  heed_orders(now);
}

void ExecReactor::heed_orders(Instant now) {
  if (!agent_.stopped() && orders_.no_more()) agent_.stop_admission();
  if (agent_.stopped()) runner_.drain();
  if (ended_all_ || !orders_.end_all()) return;
  ended_all_ = true;
  runner_.end_all();
  if (source_ != nullptr) tell_others_to_end(now);
}

void ExecReactor::tell_others_to_end(Instant now) {
  for (int rank = 1; rank < agent_.cluster().node_count(); ++rank) {
    Task order;
    order.header.id = make_task_id(kOrders, static_cast<std::uint64_t>(rank));
    order.header.kind = orders_.end_kind;
    order.header.arrival = now;
    WEIR_CHECK(agent_.submit(order, now, RankId(rank)), "no room for an order");
  }
}

}  // namespace weir
