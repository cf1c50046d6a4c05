#include "tools/inspect/tree_printout.hpp"

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/rank_places.hpp"
#include "tools/settings/tree_options.hpp"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

// "0-49", "0, 4-7"
std::string ranges_text(const std::vector<RankId>& ranks) {
  std::string text;
  for (std::size_t i = 0; i < ranks.size();) {
    std::size_t last = i;
    while (last + 1 < ranks.size() && ranks[last + 1].value() == ranks[last].value() + 1) ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(ranks[i].value());
    if (last > i) text += "-" + std::to_string(ranks[last].value());
    i = last + 1;
  }
  return text;
}

std::string count_text(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void print_text(const CoordinationTree& tree, std::ostream& out) {
  out << count_text(static_cast<std::size_t>(tree.rank_count()), "rank") << ", "
      << count_text(static_cast<std::size_t>(tree.level_count()), "level")
      << " of coordinators, each with at most " << tree.most_children()
      << (tree.most_children() == 1 ? " child\n" : " children\n");
  for (int level = tree.level_count(); level >= 1; --level) {
    out << "\nlevel " << level << "  " << count_text(tree.level(level).size(), "coordinator")
        << "\n";
    for (const CoordinatorRole& role : tree.level(level)) {
      const std::string rank = "rank " + std::to_string(role.rank.value());
      out << "  " << rank << std::string(rank.size() < 12 ? 12 - rank.size() : 1, ' ')
          << count_text(role.children.size(), level == 1 ? "node" : "coordinator") << ": "
          << ranges_text(role.children);
      if (!tree.runs_tasks(role.rank)) out << "; runs no tasks";
      out << "\n";
    }
  }
}

void print_json(const CoordinationTree& tree, std::ostream& out) {
  Json json = {{"ranks", tree.rank_count()},
               {"levels", tree.level_count()},
               {"most_children", tree.most_children()}};
  json["coordinators"] = Json::array();
  for (int level = tree.level_count(); level >= 1; --level) {
    for (const CoordinatorRole& role : tree.level(level)) {
      Json children = Json::array();
      for (const RankId child : role.children) children.push_back(child.value());
      json["coordinators"].push_back({{"level", level},
                                      {"rank", role.rank.value()},
                                      {"runs_tasks", tree.runs_tasks(role.rank)},
                                      {"children", std::move(children)}});
    }
  }
  out << json.dump(2) << "\n";
}

RankPlaces imagined_places(const TreePrintout& options) {
  if (options.switch_file.empty()) {
    return {.rank_count = options.ranks.value_or(1), .host_of = {}, .switch_of = {}};
  }
  const auto file = SwitchFile::parse(read_switch_file(options.switch_file), options.switch_file);
  return places_on(file, options.ranks.value_or(static_cast<int>(file.hosts().size())));
}

}  // namespace

void print_tree(const TreePrintout& options, std::ostream& out) {
  std::unique_ptr<MpiContext> mpi;
  if (std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr) {
    mpi = MpiContext::start(MpiThreads::kFunneled);
  }
  RankPlaces places;
  const bool of_this_job = mpi && !options.ranks;
  if (of_this_job) places = rank_places(*mpi, options.switch_file);
  if (mpi && mpi->rank() != RankId(0)) return;
  if (!of_this_job) places = imagined_places(options);
  const CoordinationTree tree = tree_over(places, options.tree);
  if (options.json) {
    print_json(tree, out);
  } else {
    print_text(tree, out);
  }
}

}  // namespace weir
