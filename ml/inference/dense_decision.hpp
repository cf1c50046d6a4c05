// A choice by a plain Q-network among a few actions, of which one is the rule's: it stays where no
// other is worth more, or a Q-value is not a number.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/inference/dense_network.hpp"

namespace weir {

// Looks on while a network decides, and may have it decide otherwise: for who trains it.
class DecisionWatch {
 public:
  virtual ~DecisionWatch() = default;
  virtual void on_decision(std::span<const float> features, std::span<const float> values,
                           std::uint8_t& action) = 0;
};

class DenseDecision {
 public:
  // The network has a value for each action; `hold` is the rule's. The watch may be null, and
  // outlives this.
  DenseDecision(DenseNetwork network, std::uint8_t hold, DecisionWatch* watch);

  // As many features as the network has inputs.
  std::uint8_t choose(std::span<const float> features);

  // How often something was chosen, and how often that was another action than the rule's.
  std::uint64_t decisions() const { return decisions_; }
  std::uint64_t differing() const { return differing_; }

 private:
  DenseNetwork network_;
  std::uint8_t hold_;
  DecisionWatch* watch_;
  std::vector<float> values_;
  std::uint64_t decisions_ = 0;
  std::uint64_t differing_ = 0;
};

}  // namespace weir
