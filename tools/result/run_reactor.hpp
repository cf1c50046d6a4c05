// Puts observers beside the agent in one control loop: the progress line, the telemetry record, the
// signal that ends admission.

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runtime/control/node_agent.hpp"
#include "runtime/environment/reactor.hpp"

namespace weir {

// Looks at the agent now and then.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual Duration interval() const = 0;
  virtual void observe(const NodeAgent& agent, Instant now) = 0;
};

class RunReactor final : public Reactor {
 public:
  // `agent` outlives the reactor. `stop_requested` is asked in every round.
  RunReactor(NodeAgent& agent, std::function<bool()> stop_requested,
             std::vector<std::unique_ptr<RunObserver>> observers);

  void on_message(Envelope envelope, Instant now) override;
  void on_wakeup(Instant now) override;
  Instant next_wakeup() const override;
  bool finished() const override { return agent_.finished(); }

 private:
  struct Observed {
    std::unique_ptr<RunObserver> observer;
    Instant next{};
  };

  NodeAgent& agent_;
  std::function<bool()> stop_requested_;
  std::vector<Observed> observers_;
};

}  // namespace weir
