#include "tools/learning/control/sticky_explorer.hpp"

#include <algorithm>
#include <functional>

namespace weir {

void StickyExplorer::change(Actions& actions, std::span<const float> values,
                            std::span<const std::uint8_t> feasible, std::size_t action_count) {
  if (epsilon_ <= 0) return;
  tried_.resize(actions.size());
  for (std::size_t branch = 0; branch < actions.size(); ++branch) {
    Tried& tried = tried_[branch];
    const std::size_t first = branch * action_count;
    // As many begin that in the long run epsilon of all steps are tries.
    if (tried.left == 0 && random_.uniform() < epsilon_ / kKept) {
      best_.clear();
      for (std::size_t action = 0; action < action_count; ++action) {
        if (feasible[first + action] != 0) best_.push_back(static_cast<std::uint8_t>(action));
      }
      if (!values.empty()) {
        std::ranges::stable_sort(best_, std::greater(),
                                 [&](std::uint8_t action) { return values[first + action]; });
      }
      tried = {best_[random_.below(std::min(kAmong, best_.size()))], kKept};
    }
    if (tried.left == 0) continue;
    --tried.left;
    if (feasible[first + tried.action] != 0) actions[branch] = tried.action;
  }
}

}  // namespace weir
