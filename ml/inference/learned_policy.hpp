// `learned`: the rule of the tree (priced_shortest_expected_delay_policy.hpp) on learned services.
// What the rule does with services is hard to better; what nodes tell of them is not, so that is
// what the estimator corrects (service_estimator.hpp), for the nodes that the rule likes best, in
// one batch.
//
// A correction is bounded: the worst weights make a rule that takes nodes for up to e times faster
// or slower than they are. One that is not a number makes the placement the rule's own
// (not_finite), and so does a candidate that has told nothing (untold): its service is guessed, and
// low, so that it is tried; beside corrected ones, which are mostly slower than they tell, it would
// draw every home at once. A node that is like none in training is corrected as the others in the
// mean, so that it is neither drawn to nor avoided (out_of_distribution). For all that shows only
// later there is a guard (placement_guard.hpp).
//
// Where it learns while it runs, it keeps what became of its tasks for the coordinator, and goes by
// the weights that come back (runtime/control/online_learner.hpp).

#pragma once

#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ml/inference/node_set_network.hpp"
#include "ml/inference/placement_guard.hpp"
#include "ml/inference/service_estimator.hpp"
#include "ml/inference/service_sample.hpp"
#include "ml/inference/service_sight.hpp"
#include "runtime/base/random.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"

namespace weir {

struct LearnedOptions {
  PricedShortestExpectedDelayOptions rule{.price = 0};
  // Without the guard a network shows what it is worth, and learns from what it does.
  bool guarded = true;
  // For how long the network thinks. Empty: no time, as in virtual worlds.
  std::function<Instant()> clock;
  // Of log-prices, for coordinators (learned_planner.hpp); null: none. Only read while the policy
  // and its planners are made, which it outlives.
  const NodeSetNetwork* prices = nullptr;
  // Of the tasks that end between two calls of take_samples(), so many are kept; zero: none.
  std::size_t most_samples = 0;
  std::uint64_t seed = 1;  // draws which
};

// What a placement went by, for who learns from how it ended.
struct PlacementSample {
  ServiceFeatures features{};
  double told_s = 0;  // zero: the node had told nothing of the class, and there are no features
};

class LearnedPolicy final : public Policy {
 public:
  LearnedPolicy(const LearnedOptions& options, ServiceEstimator estimator);

  // Nodes that the network is asked about: those that are cheapest by the rule. More change nothing
  // that shows, and so a decision takes as long in a large job as in a small one, but for the rule.
  static constexpr std::size_t kCandidates = 16;

  // Three passes over the nodes, and a network for each candidate.
  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_completion(TaskId task, RankId node, ClassId task_class, Duration response,
                     Duration service) override;
  // As the rule's: of the prices nothing is used. Where there is a network of log-prices, it prices
  // the nodes of a cluster.
  std::unique_ptr<Planner> make_planner(int level) const override;
  // Log-prices count in the network's own decisions, never in the rule's: so the guard compares
  // what both networks do with the rule alone.
  void on_directive(const Directive& directive) override;
  void on_directive_expired() override { log_prices_.clear(); }

  // Of tasks that were not moved, from nodes that had told of their class; each task that has ended
  // is as likely among them as any other.
  std::optional<ServiceSamples> take_samples() override;
  // Goes by them from the next placement on, if they are newer and whole; else nothing changes.
  // The guard holds nothing against them that it was sure of with those before
  // (PlacementGuard::forget_weights), and tasks that those have placed say nothing to it any more.
  void on_weights(const EstimatorWeights& weights) override;

  std::optional<DecisionCounts> decision_counts() const override { return counts_; }
  // Of the last placement.
  const PlacementSample& last_sample() const { return last_sample_; }

 private:
  struct Candidate {
    const NodeView* node = nullptr;
    double told_s = 0;                 // zero: nothing
    double service_s = 0;              // as the rule expects it, or corrected
    double cost_s = 0;                 // by that service
    bool is_known = true;              // like some in training, or nothing to correct
    std::optional<double> correction;  // a logarithm

    // Ties go to the lowest rank.
    bool operator<(const Candidate& other) const {
      return cost_s != other.cost_s ? cost_s < other.cost_s : node->rank < other.node->rank;
    }
  };
  // Of a placement whose task has not ended.
  struct Open {
    GuardedPlacement placement;
    RankId node;
    double told_s = 0;
    ServiceFeatures features{};
    std::uint32_t version = 0;  // of the weights
  };

  // Fills the candidates, the cheapest by the rule first.
  void look_at_nodes(const PricedTask& task, const ClusterView& cluster);
  // Of the candidates, of the class.
  bool all_have_told() const;
  double cost_s(const Candidate& candidate, const PricedTask& task,
                const ClusterView& cluster) const;
  // Corrects services; the cheapest candidate by them, or none where a correction is no number.
  const Candidate* ask_network(const PricedTask& task, const ClusterView& cluster);
  bool correct_services();
  void price_services(ClassId task_class);
  void count(std::optional<GuardReason> reason, const Candidate& chosen, RankId by_rule);
  // For the guard and for samples, until the task has ended. `reason` as that of count().
  void keep(TaskId task, std::optional<GuardReason> reason, const Candidate& chosen);

  void keep_sample(const ServiceSample& sample);

  LearnedOptions options_;
  ServiceEstimator estimator_;
  std::uint32_t version_ = 0;
  PlacementGuard guard_;
  DecisionCounts counts_;
  std::optional<GuardReason> last_reason_;
  // The nodes of the map come from memory that is used again.
  std::pmr::unsynchronized_pool_resource open_memory_;
  std::pmr::unordered_map<TaskId, Open> open_{&open_memory_};
  PlacementSample last_sample_;
  ServiceSight sight_;
  std::vector<std::vector<float>> log_prices_;  // by class and rank; empty: all zero
  Instant now_{};                               // of the last placement
  // Drawn from those that have ended since they were taken last.
  std::vector<ServiceSample> samples_;
  std::uint64_t ended_ = 0;
  std::uint32_t sequence_ = 0;
  Random random_;
  // Of this placement.
  std::vector<Candidate> candidates_;
  std::vector<ServiceFeatures> features_;
  std::vector<float> corrections_;
};

}  // namespace weir
