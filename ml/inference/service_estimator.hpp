// How long a task will take at a node, learned: what the node told, corrected by what else a home
// knows. The node tells the mean of a class in its normal state times how slow it probably is; that
// is noisy where a class is rare there, late when the node changes its state, and too good where
// the node was chosen because its noise was lucky (the winner's curse). A network with one hidden
// layer gives the logarithm of the correction.
//
// It is fitted by maximum likelihood, sizes taken as exponential, on what tasks took that a policy
// with this very estimator had placed (ml/training/estimator): so it is right for the nodes that
// the policy chooses, not on average over those it does not.

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "ml/inference/dense_network.hpp"
#include "ml/inference/own_completions.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

enum class ServiceFeature : std::uint8_t {
  kUnlikeItsKind,          // log of what it told over the mean of like nodes (cores, nominal speed)
  kMuchSlowerThanItsKind,  // the same above 0.3
  kOwnShortMean,           // OwnCompletions::of_late(), mean above 1
  kOwnLongMean,            // OwnCompletions::of_a_while(), mean above 1
  kOwnShortCount,          // n / (n + 3)
  kOwnLongCount,           // n / (n + 10)
  kOwnAge,                 // t / (t + 1 s)
  kReportedFill,           // queued and running by report / cores
  kOwnFill,                // homes x own / cores
  kShareOfLimit,           // running of the class by report / its limit; 0 without one
  kSize,                   // log of cores / 32
  kReportAge,              // t / (t + 0.1 s)
  kCount
};
inline constexpr std::size_t kServiceFeatures = static_cast<std::size_t>(ServiceFeature::kCount);
using ServiceFeatures = std::array<float, kServiceFeatures>;

// `kind_s`: the mean of what like nodes told of the class, above zero; the node has told of it.
ServiceFeatures service_features(const NodeView& node, ClassId task_class, double homes,
                                 double kind_s, const OwnCompletions& own, Instant now);

// Of each feature, what the estimator was fitted to. By itself: anything.
struct SeenFeatures {
  SeenFeatures();
  // Of at least one sample.
  explicit SeenFeatures(const ServiceFeatures& first) : least(first), most(first) {}
  void add(const ServiceFeatures& sample);
  void add(const SeenFeatures& others);

  ServiceFeatures least;
  ServiceFeatures most;
};

class ServiceEstimator {
 public:
  static constexpr const char* kKind = "scorer";
  static constexpr std::int64_t kSchema = 1;
  static constexpr std::size_t kHidden = 16;
  // No correction is beyond this, in logarithms: a factor of e either way.
  static constexpr float kMostCorrection = 1;

  // Corrects nothing.
  ServiceEstimator();
  // Throws Error for weights of another kind, schema or shape; `path` is for the message.
  ServiceEstimator(const WeightFile& weights, const std::filesystem::path& path);
  WeightFile weights() const;

  // What a fit begins with: corrects nothing, but hidden units differ.
  static ServiceEstimator untrained(std::uint64_t seed);
  DenseNetwork& network() { return network_; }
  const DenseNetwork& network() const { return network_; }
  const SeenFeatures& seen() const { return seen_; }
  void set_seen(const SeenFeatures& seen) { seen_ = seen; }

  // Whether a node looks like some that it was fitted to: no feature is far outside the range of
  // those.
  bool knows_the_like_of(const ServiceFeatures& node) const;

  // Logarithms of the corrections, within the bound, as many as there are nodes; one that is no
  // number stays none. Does not allocate after the first call with so many.
  void evaluate(std::span<const ServiceFeatures> nodes, std::span<float> corrections);

 private:
  DenseNetwork network_;
  SeenFeatures seen_;
};

// Of the file, or of the weights that come with weir where `path` is empty. Throws Error for what
// is no such file.
ServiceEstimator service_estimator_of(const std::filesystem::path& path);

}  // namespace weir
