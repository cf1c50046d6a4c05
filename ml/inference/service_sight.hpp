// What a home sees of nodes before it asks a service estimator: their features, for tasks of one
// class, from views and from how its own tasks ended. The same whether a policy looks or a record
// is read.

#pragma once

#include <array>
#include <span>
#include <vector>

#include "ml/inference/own_completions.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

class ServiceSight {
 public:
  // Takes in what all nodes tell, for tasks of that class.
  void look(const ClusterView& cluster, ClassId task_class);
  // Of a node of the last look that has told of the class, which is above zero in
  // mean_service_s.
  ServiceFeatures features_of(const NodeView& node, const ClusterView& cluster) const;

  // An own task has ended. Times do not go back.
  void on_completion(RankId node, ClassId task_class, Duration service, Instant now);

 private:
  // Nodes of as many cores and the same nominal speed, which have told of the class.
  struct Kind {
    double cores = 0;
    double speed = 0;
    double logarithms = 0;
    double count = 0;
  };
  // Of one node.
  struct Known {
    OwnCompletions own;
    // By class, as of the last look at it.
    std::array<double, kMaxClasses> told_s{};
    std::array<double, kMaxClasses> told_logarithm{};
  };

  Kind& kind_of(const NodeView& node);
  Known& known_of(RankId node);

  ClassId task_class_{};
  std::vector<Kind> kinds_;
  std::vector<Known> known_;  // by rank
};

}  // namespace weir
