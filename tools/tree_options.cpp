#include "tools/tree_options.hpp"

#include <boost/program_options.hpp>

#include "runtime/base/error.hpp"
#include "tools/option_values.hpp"

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
  return static_cast<int>(whole_number_of({option, given[option].as<std::string>(), "32"}, bounds));
}

}  // namespace

void describe_tree_options(po::options_description& all) {
  auto add = all.add_options();
  add("fan-out", po::value<std::string>(), "children of a coordinator, at most (default 64)");
  add("cluster-size", po::value<std::string>(),
      "consecutive ranks in a cluster (default: by switch, by host, or about sqrt(ranks))");
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
