// Learned class limits: a Q-network that corrects how many tasks of a class a node lets run at once
// (runtime/control/limit_offsets). Once per block of tasks that the node has measured, it looks at
// one class there: what waits and runs of it and of the others, what the rule lets run, and how
// tasks go of late. It says one worker fewer, one more, or holds, which is the rule's action: what
// was said before then fades. One network serves all classes of all nodes, large and small.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/dense_decision.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/environment/limit_adviser.hpp"

namespace weir {

// What the network looks at; counts are over the workers of the node, limits over those of a
// domain.
struct LimitFeatures {
  static constexpr std::int64_t kSchema = 1;
  static constexpr std::size_t kCount = 14;

  static std::array<float, kCount> of(const LimitView& view);
};

class LearnedLimits final : public LimitAdviser {
 public:
  static constexpr const char* kKind = "limit_control";
  static constexpr std::size_t kActions = 3;
  static constexpr std::uint8_t kLower = 0;
  static constexpr std::uint8_t kHold = 1;
  static constexpr std::uint8_t kRaise = 2;
  static constexpr std::size_t kHidden = 32;

  // Inputs, hidden layers, outputs.
  static std::vector<std::size_t> sizes();

  // The network is of these sizes. The watch may be null, and outlives this.
  explicit LearnedLimits(DenseNetwork network, DecisionWatch* watch = nullptr);
  // Of the tensors "q". Throws Error where one is missing or has another shape; `path` is for the
  // message.
  LearnedLimits(const WeightFile& weights, const std::string& path, DecisionWatch* watch = nullptr);

  int step(const LimitView& view) override;

 private:
  DenseDecision decision_;
};

// What `--limit-control` names: "none", nothing; "shipped", the network that comes with weir; else
// that of a file. Throws Error where there is none, or it is no such network.
std::optional<LearnedLimits> learned_limits_of(const std::string& source);
// The weights alone: for who compares them with those of others.
std::optional<WeightFile> limit_weights_of(const std::string& source);

}  // namespace weir
