// What the network of log-prices looks at: one coordinator's nodes, as their reports tell, beside
// what the rule has planned for them. Training and running share this one form; it has a version,
// which weights carry.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/inference/node_set_network.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

enum class NodePriceFeature : std::uint8_t {
  kIsThere,    // 1, or 0 for a node that runs no tasks: all its other features are zero
  kLoad,       // tasks / cores, over the mean of all nodes, less 1
  kOverload,   // of tasks / cores, what is above 0.95
  kBusy,       // share of the workers since its last report
  kQueued,     // tasks that wait / cores
  kSize,       // log of cores over the mean of all nodes
  kSpeed,      // nominal, less 1
  kSlowness,   // log of service there over the mean of all nodes, mean over classes
  kStaleLoad,  // age of its report in seconds x tasks / cores
  kOffered,    // work that arrived since the last look, as a share of its cores, less 0.85
  kLimited,    // of its tasks that run, those of classes it limits / cores
  kPrice,      // p / (1 + p) of the rule's congestion price
  kCount
};

enum class ClassPriceFeature : std::uint8_t {
  kIsKnown,       // whether the node has told of the class
  kSlowDown,      // log of service there over the mean of all nodes
  kRunning,       // tasks of the class that run / cores
  kQueued,        // that wait / cores
  kShareOfLimit,  // that run / the node's limit; 0 without one
  kLogPrice,      // as it stands, over the most there can be
  kPlanned,       // a quarter of: planned share over share of the cores; 0 without a plan
  kCount
};

inline constexpr std::size_t kNodePriceFeatures =
    static_cast<std::size_t>(NodePriceFeature::kCount);
inline constexpr std::size_t kClassPriceFeatures =
    static_cast<std::size_t>(ClassPriceFeature::kCount);
// Mean, deviation and ninth decile of every node feature over the nodes that are there; how many
// nodes and classes there are.
inline constexpr std::size_t kContextPriceFeatures = 3 * kNodePriceFeatures + 2;

class PriceFeatures {
 public:
  // Of weights for these features.
  static constexpr std::int64_t kSchema = 1;
  // Of log-prices, either way.
  static constexpr float kMostLogPrice = 0.5F;

  static NodeSetShape shape();

  // `plan` is the rule's, `log_prices` those that stand, by class and node as in a Directive. False
  // where no node is there or none has told of a class. All features are finite and near 1.
  bool look(std::span<const NodeReport> reports, const Directive& plan,
            const std::vector<std::vector<float>>& log_prices, Instant now);

  // Of the last look. Spans live until the next one.
  NodeSet set() const { return {nodes_, classes_, context_}; }
  std::size_t class_count() const { return class_count_; }
  bool is_there(std::size_t node) const { return nodes_[node * kNodePriceFeatures] > 0; }

 private:
  // Of one node, at the last look.
  struct Told {
    Instant made{};
    double arrived = 0;  // tasks
    double offered = 0;  // work, as a share of its cores
  };

  bool measure_means(std::span<const NodeReport> reports, const Directive& plan);
  void add_node(const NodeReport& report, Told& told, double price, Instant now);
  void add_classes(const NodeReport& report, std::size_t position, const Directive& plan,
                   const std::vector<std::vector<float>>& log_prices);
  void add_context();

  std::vector<Told> told_;
  std::size_t class_count_ = 0;
  // Over the nodes that are there.
  double all_cores_ = 0;
  double mean_cores_ = 1;
  double mean_load_ = 0;                  // tasks / cores
  std::vector<double> mean_log_service_;  // by class, over those that know it
  std::vector<double> planned_;           // by class, sum of the rule's weights
  std::vector<float> nodes_;
  std::vector<float> classes_;
  std::vector<float> context_;
  std::vector<float> column_;
};

}  // namespace weir
