// What a home is told from above, made into one directive over the nodes it sees: the shares of the
// clusters, by the coordinators that see clusters, times the weights of nodes within each, by the
// coordinator that sees its nodes. It holds as long as both do.

#pragma once

#include <optional>

#include "runtime/base/time.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class HomeGuide {
 public:
  explicit HomeGuide(const TreePlace& place);

  // Of the coordinator of this cluster.
  void on_directive(Directive directive, Instant now);
  void on_outlook(Outlook outlook, Instant now);

  // What to go by, by class and rank; nothing while a part is missing or has expired. `cluster`
  // says what nodes can do where there is no plan for a class.
  std::optional<Directive> directive(const ClusterState& cluster, Instant now) const;
  // Until then the directive is good, if nothing new comes.
  Instant expires() const;

 private:
  void add_own(const ClusterState& cluster, std::size_t task_class,
               std::vector<float>& weights) const;
  // By class and rank; empty where no coordinator has any.
  std::vector<std::vector<float>> log_prices(std::size_t rank_count) const;

  std::vector<RankId> cluster_;  // empty: the directive is for all ranks
  bool has_others_;
  Directive own_;
  Instant own_expires_{};
  Outlook outlook_;
  Instant outlook_expires_{};
};

}  // namespace weir
