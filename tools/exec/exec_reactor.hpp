// What `weir exec` does in each round of the control loop beside the agent's own work: new commands
// become due, a stop reaches the commands that are not to be started, and those that run.

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runtime/environment/reactor.hpp"
#include "tools/exec/command_runner.hpp"
#include "tools/exec/exec_source.hpp"
#include "tools/result/run_reactor.hpp"

namespace weir {

struct ExecOrders {
  std::function<bool()> no_more;  // whether no further command is to be started
  std::function<bool()> end_all;  // whether those that run are to be ended, too
  KindId end_kind;                // of the task that ends commands on the rank where it runs
};

class ExecReactor final : public Reactor {
 public:
  // All but `orders` outlive it. `source` is null where this rank submits nothing; the others end
  // their commands when the one that does tells them to.
  ExecReactor(NodeAgent& agent, CommandRunner& runner, ExecSource* source, ExecOrders orders,
              std::vector<std::unique_ptr<RunObserver>> observers);

  void on_message(Envelope envelope, Instant now) override;
  void on_wakeup(Instant now) override;
  Instant next_wakeup() const override { return run_.next_wakeup(); }
  bool finished() const override { return run_.finished(); }

 private:
  void heed_orders(Instant now);
  void tell_others_to_end(Instant now);

  NodeAgent& agent_;
  CommandRunner& runner_;
  ExecSource* source_;
  ExecOrders orders_;
  bool ended_all_ = false;
  RunReactor run_;
};

}  // namespace weir
