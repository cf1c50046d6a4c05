// Learned capacity: a Q-network that corrects how much capacity the planner wants switched on
// (runtime/control/capacity_planner). Once a second it looks at what arrives, waits and is
// forecast, relative to what is installed, and chooses one of a few factors. 1 is the rule's; so it
// stays where no other is worth more, or a Q-value is not a number.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/dense_decision.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/environment/capacity_adviser.hpp"

namespace weir {

// What the network looks at; all over what is installed where nothing else is said.
class CapacityFeatures {
 public:
  static constexpr std::int64_t kSchema = 1;
  static constexpr std::size_t kCount = 24;

  // Once a second, with the factor of the second before. Lives until the next call.
  std::span<const float> look(const CapacityView& view, double last_factor);

 private:
  // As many seconds of work that arrived as are looked back on.
  static constexpr std::size_t kRemembered = 16;

  std::deque<double> recent_;  // oldest first
  std::vector<float> features_;
};

class LearnedCapacity final : public CapacityAdviser {
 public:
  static constexpr const char* kKind = "capacity_control";
  static constexpr std::array<double, 5> kFactors{0.8, 0.9, 1, 1.1, 1.25};
  static constexpr std::uint8_t kHold = 2;
  static constexpr std::size_t kHidden = 32;

  // Inputs, hidden layers, outputs.
  static std::vector<std::size_t> sizes();

  // The network is of these sizes. The watch may be null, and outlives this.
  explicit LearnedCapacity(DenseNetwork network, DecisionWatch* watch = nullptr);
  // Of the tensors "q". Throws Error where one is missing or has another shape; `path` is for the
  // message.
  LearnedCapacity(const WeightFile& weights, const std::string& path,
                  DecisionWatch* watch = nullptr);

  double factor(const CapacityView& view) override;

  // How often it was asked, and how often it chose another factor than 1.
  std::uint64_t decisions() const { return decision_.decisions(); }
  std::uint64_t differing() const { return decision_.differing(); }

 private:
  DenseDecision decision_;
  CapacityFeatures features_;
  double last_factor_ = 1;
};

// What `--capacity-control` names: "none", null; "shipped", what comes with weir; else of a file.
// Throws Error where there is none, or it is no such network.
std::unique_ptr<LearnedCapacity> learned_capacity_of(const std::string& source);

}  // namespace weir
