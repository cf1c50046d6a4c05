// Tries something else, branch by branch: with probability epsilon one of the feasible actions
// that are worth most, drawn evenly, and then the same one for a while. What a single step does to
// a world with hundreds of branches drowns in its noise; what is kept up for several shows.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ml/inference/action_branches.hpp"
#include "runtime/base/random.hpp"

namespace weir {

class StickyExplorer {
 public:
  // Steps for which an action is kept, and among how many of the best it is drawn.
  static constexpr int kKept = 8;
  static constexpr std::size_t kAmong = 3;

  StickyExplorer(double epsilon, Random random) : epsilon_(epsilon), random_(random) {}

  // All branches have `action_count` actions; `values` and `feasible` have one entry for every
  // action. Where `values` is empty all feasible actions are alike.
  void change(Actions& actions, std::span<const float> values,
              std::span<const std::uint8_t> feasible, std::size_t action_count);

 private:
  struct Tried {
    std::uint8_t action = 0;
    int left = 0;
  };

  double epsilon_;
  Random random_;
  std::vector<Tried> tried_;
  std::vector<std::uint8_t> best_;
};

}  // namespace weir
