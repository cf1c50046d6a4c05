// The weights by which the policies of a job's ranks place tasks, and by which nodes correct their
// class limits. They must be the same everywhere, and a rank that cannot read its file must not
// leave the others waiting: so reading never throws, and what came of it is compared before
// anything else.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ml/inference/learned_limits.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/base/error.hpp"

namespace weir {

class PlacementWeights {
 public:
  // Reads no policy's weights for one that is not learned. An empty path stands for the weights
  // that come with weir. `control` is as price_network_of() takes it, `limits` as
  // learned_limits_of() does.
  PlacementWeights(std::string_view policy, const std::filesystem::path& path,
                   const std::string& control = "none", const std::string& limits = "none");

  // Equal where the same was read.
  const std::string& fingerprint() const { return fingerprint_; }
  // Null for a policy that is not learned. Throws Error for weights that cannot be used.
  const ServiceEstimator* estimator() const;
  // Of log-prices; null where there is none. Likewise.
  const NodeSetNetwork* prices() const;
  // Of class limits, whatever the policy; nothing where there is none. Likewise.
  std::optional<LearnedLimits> limits() const;

 private:
  void read_policy(std::string_view policy, const std::filesystem::path& path,
                   const std::string& control);
  void read_limits(const std::string& limits);

  std::optional<ServiceEstimator> estimator_;
  std::optional<NodeSetNetwork> prices_;
  std::optional<LearnedLimits> limits_;
  std::optional<Error> refusal_;
  std::string fingerprint_ = "none";
};

}  // namespace weir
