#include "tools/settings/tree_options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>

#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

CoordinatorRanks ranks_of(const std::string& text) {
  if (text == "shared") return CoordinatorRanks::kShared;
  if (text == "dedicated") return CoordinatorRanks::kDedicated;
  throw Error("the value of --coordinators cannot be used", "\"" + text + "\"",
              "shared or dedicated", "--coordinators=dedicated");
}

int count_of(const po::variables_map& given, const char* option, OptionBounds bounds) {
  const auto example = static_cast<int>(std::min(32.0, bounds.most));
  return static_cast<int>(
      whole_number_of({option, given[option].as<std::string>(), std::to_string(example)}, bounds));
}

}  // namespace

void describe_tree_options(po::options_description& all) {
  auto add = all.add_options();
  add("fan-out", po::value<std::string>(), "children of a coordinator, at most (default 64)");
  add("cluster-size", po::value<std::string>(),
      "consecutive ranks in a cluster (default: by switch, by host, or about sqrt(ranks), at least "
      "32)");
  add("switches", po::value<std::string>()->value_name("FILE"),
      "which hosts hang on which switch, as in Slurm's topology.conf: a cluster is a leaf switch "
      "(default: what Slurm tells each rank)");
  add("coordinators", po::value<std::string>(),
      "shared: their ranks run tasks too; dedicated: they run none (default shared)");
}

TreeOptions read_tree_options(const po::variables_map& given) {
  TreeOptions options;
  if (given.count("switches") && given.count("cluster-size")) {
    throw Error("clusters cannot be made in two ways", "--switches and --cluster-size",
                "either of them", "--switches without --cluster-size");
  }
  if (given.count("fan-out")) options.fan_out = count_of(given, "fan-out", {2, kMaxFanOut});
  if (given.count("cluster-size")) {
    options.cluster_size =
        count_of(given, "cluster-size", {1, static_cast<double>(options.fan_out)});
  }
  if (given.count("coordinators")) {
    options.coordinators = ranks_of(given["coordinators"].as<std::string>());
  }
  return options;
}

CoordinationTree tree_over(const RankPlaces& places, const TreeOptions& options) {
  constexpr int kMostLevels = 3;
  CoordinationTree tree(places, options);
  if (tree.level_count() <= kMostLevels) return tree;
  TreeOptions wide = options;
  wide.fan_out = kMaxFanOut;
  const bool is_enough = CoordinationTree(places, wide).level_count() <= kMostLevels;
  const std::string fan_out = "--fan-out " + std::to_string(kMaxFanOut);
  throw Error("the tree of coordinators has too many levels",
              std::to_string(tree.level_count()) + " levels over " +
                  std::to_string(places.rank_count) + " ranks",
              "at most " + std::to_string(kMostLevels) +
                  ": coordinators with more children, or larger clusters",
              is_enough || options.cluster_size == 0
                  ? fan_out
                  : fan_out + " and --cluster-size " + std::to_string(kMaxFanOut));
}

std::vector<std::pair<std::string, std::string>> as_text(const TreeOptions& options) {
  const bool dedicated = options.coordinators == CoordinatorRanks::kDedicated;
  std::vector<std::pair<std::string, std::string>> all{
      {"fan-out", std::to_string(options.fan_out)},
      {"coordinators", dedicated ? "dedicated" : "shared"}};
  if (options.cluster_size > 0) {
    all.emplace_back("cluster-size", std::to_string(options.cluster_size));
  }
  return all;
}

}  // namespace weir
