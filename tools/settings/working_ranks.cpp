#include "tools/settings/working_ranks.hpp"

#include <numeric>

namespace weir {

std::vector<int> working_ranks(const RunOptions& options, const RankPlaces& places) {
  std::vector<int> ranks(static_cast<std::size_t>(places.rank_count));
  std::iota(ranks.begin(), ranks.end(), 0);
  if (!follows_tree(options)) return ranks;
  const CoordinationTree tree = tree_over(places, options.tree);
  std::erase_if(ranks, [&tree](int rank) { return !tree.runs_tasks(RankId(rank)); });
  return ranks;
}

}  // namespace weir
