#include "tools/inspect/topology_command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"
#include "tools/inspect/tree_printout.hpp"
#include "tools/settings/tree_options.hpp"
#include "topology/discover.hpp"
#include "topology/divide.hpp"
#include "topology/synthetic.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr int kMaxRanks = 65536;
constexpr std::size_t kLineWidth = 96;

struct TopologyOptions {
  // At most one of these; this host without either.
  std::optional<std::string> xml;
  std::optional<std::string> synthetic;
  std::optional<int> ranks;
  bool tree = false;
  TreeOptions tree_options;
  std::string switches;  // a file; empty: none
  bool json = false;
  bool help = false;
};

po::options_description option_table(TopologyOptions& options) {
  po::options_description table("weir topology: the machine, and how weir would use it");
  auto add = table.add_options();
  add("xml", po::value<std::string>()->value_name("FILE"),
      "show the machine of an lstopo XML file instead of this host");
  add("synthetic", po::value<std::string>()->value_name("SPEC"),
      "show a made-up machine, for example \"package:2 numa:2 core:8 pu:2\"");
  add("ranks", po::value<std::string>()->value_name("N"),
      "divide the machine among N ranks (default 1)");
  add("tree", po::bool_switch(&options.tree),
      "show the tree of coordinators instead: of this job's ranks under mpirun, or of --ranks");
  describe_tree_options(table);
  add("json", po::bool_switch(&options.json), "print one JSON object");
  add("help,h", po::bool_switch(&options.help), "print this text");
  return table;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void read_options(const std::vector<std::string>& arguments, const po::options_description& table,
                  TopologyOptions& options) {
  const std::string found = "weir topology " + joined(arguments);
  try {
    po::variables_map values;
    const po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(table).positional(none).run(), values);
    po::notify(values);
    if (values.count("xml") > 0) options.xml = values["xml"].as<std::string>();
    if (values.count("ranks") > 0 && !options.help)
      options.ranks = static_cast<int>(
          whole_number_of({"ranks", values["ranks"].as<std::string>(), "4"}, {1, kMaxRanks}));
    if (values.count("synthetic") > 0) options.synthetic = values["synthetic"].as<std::string>();
    if (!options.help) options.tree_options = read_tree_options(values);
    if (values.count("switches") > 0) options.switches = values["switches"].as<std::string>();
    for (const char* name : {"fan-out", "cluster-size", "switches", "coordinators"}) {
      if (values.count(name) > 0 && !options.tree && !options.help) {
        throw Error(
            "weir topology: --" + std::string(name) + " shapes a tree that is not asked for", found,
            "--tree with it", "weir topology --tree --" + std::string(name) + " ...");
      }
    }
  } catch (const po::error& error) {
    throw Error("weir topology: " + words_of(error), found,
                "[--xml FILE | --synthetic SPEC] [--ranks N] [--tree] [--json]",
                "weir topology --help");
  }
  if (options.help) return;
  if (options.tree && (options.xml || options.synthetic)) {
    throw Error("weir topology: a tree is not of one machine", found,
                "--tree without --xml and --synthetic", "weir topology --tree --ranks 1000");
  }
  if (options.xml && options.synthetic) {
    throw Error("weir topology: two machines at once", found, "either --xml or --synthetic",
                "weir topology --help");
  }
}

Machine machine_for(const TopologyOptions& options) {
  if (options.xml) return load_machine_xml(*options.xml);
  if (options.synthetic) return synthetic_machine(*options.synthetic);
  return discover_machine();
}

// "64.0 GiB", "256 KiB"; "?" when unknown.
std::string bytes_text(std::optional<std::uint64_t> bytes) {
  if (!bytes) return "?";
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(*bytes);
  int unit = 0;
  while (value >= 1024.0 && unit < 5) {
    value /= 1024.0;
    ++unit;
  }
  std::ostringstream text;
  text << std::fixed << std::setprecision(unit >= 3 ? 1 : 0) << value << ' ' << kUnits[unit];
  return text.str();
}

std::string count_text(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

// Breaks a long list of processing units at commas; following lines start at column `indent`.
std::string wrapped(const std::string& list, std::size_t indent) {
  const std::size_t width = kLineWidth - std::min(indent, kLineWidth / 2);
  std::string text;
  std::size_t start = 0;
  while (list.size() - start > width) {
    const auto comma = list.rfind(',', start + width - 1);
    if (comma == std::string::npos || comma < start) break;
    text += list.substr(start, comma + 1 - start) + '\n' + std::string(indent, ' ');
    start = comma + 1;
  }
  return text + list.substr(start);
}

// The positions as the operating system numbers the domains.
std::string domains_text(const Machine& machine, const std::vector<int>& positions) {
  if (positions.empty()) return "-";
  Cpuset numbers;
  for (const int position : positions) numbers.add(machine.numa[position].os_index);
  return numbers.to_string();
}

void print_summary(const Machine& machine, std::ostream& out) {
  out << machine.host;
  if (machine.origin != machine.host) out << "  (" << machine.origin << ")";
  out << "\n  " << count_text(machine.packages.size(), "package") << ", "
      << count_text(machine.numa.size(), "NUMA domain") << ", "
      << count_text(machine.cores.size(), "core") << ", "
      << count_text(machine.pus.size(), "processing unit");
  if (machine.allowed != machine.online) {
    out << "\n  allowed: " << machine.allowed.count() << " of " << machine.online.count() << ", "
        << wrapped(machine.allowed.to_string(), 4);
  }
  out << "\n\n";
}

// "L3 16 x 8 MiB": caches of one level and size inside `around`.
std::string caches_text(const Machine& machine, const Cpuset& around) {
  std::map<std::pair<int, std::uint64_t>, int> counts;
  for (const Cache& cache : machine.caches) {
    if (around.includes(cache.cpuset)) ++counts[{-cache.level, cache.bytes}];
  }
  std::string text;
  for (const auto& [kind, count] : counts) {
    if (!text.empty()) text += ", ";
    text += "L" + std::to_string(-kind.first) + ' ';
    if (count > 1) text += std::to_string(count) + " x ";
    text += bytes_text(kind.second == 0 ? std::nullopt : std::optional(kind.second));
  }
  return text;
}

void print_domain(const Machine& machine, const NumaDomain& domain, std::ostream& out) {
  std::size_t core_count = 0;
  for (const Core& core : machine.cores) core_count += domain.cpuset.includes(core.cpuset);
  out << "  NUMA " << domain.os_index << "  " << bytes_text(domain.memory_bytes) << ", "
      << count_text(core_count, "core");
  if (!domain.distances.empty() && machine.numa.size() > 1) {
    out << ", distances";
    for (const int distance : domain.distances) out << ' ' << distance;
  }
  if (domain.bandwidth_bytes_per_s) {
    out << ", " << bytes_text(static_cast<std::uint64_t>(*domain.bandwidth_bytes_per_s)) << "/s";
  }
  if (domain.latency_ns) out << ", " << *domain.latency_ns << " ns";
  out << "\n    PUs " << wrapped(domain.cpuset.to_string(), 8) << '\n';
}

void print_packages(const Machine& machine, std::ostream& out) {
  for (int i = 0; i < static_cast<int>(machine.packages.size()); ++i) {
    const Package& package = machine.packages[i];
    out << "package " << package.os_index;
    if (!package.model.empty()) out << "  " << package.model;
    out << '\n';
    for (const NumaDomain& domain : machine.numa) {
      if (domain.package == i) print_domain(machine, domain, out);
    }
    const std::string caches = caches_text(machine, package.cpuset);
    if (!caches.empty()) out << "  caches  " << caches << '\n';
  }
  for (const NumaDomain& domain : machine.numa) {
    if (domain.package >= 0) continue;
    out << "all packages\n";
    print_domain(machine, domain, out);
  }
}

void print_kinds_and_cards(const Machine& machine, std::ostream& out) {
  for (int kind = 0; kind < static_cast<int>(machine.core_kinds.size()); ++kind) {
    if (machine.core_kinds.size() == 1) break;
    const auto count = std::ranges::count(machine.cores, kind, &Core::kind);
    out << "core kind  " << machine.core_kinds[kind].name << ": "
        << count_text(static_cast<std::size_t>(count), "core") << ", PUs "
        << wrapped(machine.core_kinds[kind].cpuset.to_string(), 4) << '\n';
  }
  for (const NetworkCard& card : machine.network_cards) {
    out << "network  " << card.name
        << (card.kind == NetworkCard::Kind::kOpenFabrics ? " (OpenFabrics)" : "");
    const bool local = card.numa.size() < machine.numa.size();
    if (local) out << ", near NUMA " << domains_text(machine, card.numa);
    out << '\n';
  }
}

// "4 performance + 8 efficiency", or the plain number on a machine of one kind.
std::string workers_text(const Machine& machine, const NodeShare& share) {
  if (machine.core_kinds.size() == 1) return std::to_string(share.workers.size());
  std::string text;
  for (int kind = static_cast<int>(machine.core_kinds.size()) - 1; kind >= 0; --kind) {
    const auto count = std::ranges::count(share.workers, kind, &WorkerPlace::kind);
    if (count == 0) continue;
    if (!text.empty()) text += " + ";
    text += std::to_string(count) + ' ' + machine.core_kinds[kind].name;
  }
  return text;
}

void print_shares(const Machine& machine, const std::vector<NodeShare>& shares, std::ostream& out) {
  out << "\n" << count_text(shares.size(), "rank") << " on this machine, one worker per core";
  if (shares.front().oversubscribed || shares.back().oversubscribed) {
    out << "; fewer cores than ranks, so ranks share cores";
  }
  std::size_t workers_width = 7;
  std::size_t numa_width = 4;
  for (const NodeShare& share : shares) {
    workers_width = std::max(workers_width, workers_text(machine, share).size());
    numa_width = std::max(numa_width, domains_text(machine, share.numa).size());
  }
  const auto column = [&out](const std::string& text, std::size_t width) {
    out << "  " << text << std::string(width - std::min(width, text.size()), ' ');
  };
  out << '\n';
  column("rank", 5);
  column("workers", workers_width);
  column("NUMA", numa_width);
  column("memory", 10);
  out << "  PUs\n";
  const std::size_t pus_at = 5 + workers_width + numa_width + 10 + 4 * 2 + 2;
  for (std::size_t rank = 0; rank < shares.size(); ++rank) {
    column(std::to_string(rank), 5);
    column(workers_text(machine, shares[rank]), workers_width);
    column(domains_text(machine, shares[rank].numa), numa_width);
    column(bytes_text(shares[rank].memory_bytes), 10);
    out << "  " << wrapped(shares[rank].cpuset.to_string(), pus_at) << '\n';
  }
}

template <typename Value>
Json optional_json(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Numbers of domains are those of the operating system, as in the text.
Json domains_json(const Machine& machine, const std::vector<int>& positions) {
  Json list = Json::array();
  for (const int position : positions) list.push_back(machine.numa[position].os_index);
  return list;
}

Json machine_json(const Machine& machine) {
  Json json = {{"host", machine.host},
               {"origin", machine.origin},
               {"online", machine.online.to_string()},
               {"allowed", machine.allowed.to_string()}};
  json["packages"] = Json::array();
  for (const Package& package : machine.packages) {
    json["packages"].push_back({{"os_index", package.os_index},
                                {"model", package.model},
                                {"cpuset", package.cpuset.to_string()}});
  }
  json["numa"] = Json::array();
  for (const NumaDomain& domain : machine.numa) {
    json["numa"].push_back({{"os_index", domain.os_index},
                            {"package", domain.package},
                            {"memory_bytes", optional_json(domain.memory_bytes)},
                            {"cpuset", domain.cpuset.to_string()},
                            {"distances", domain.distances},
                            {"bandwidth_bytes_per_s", optional_json(domain.bandwidth_bytes_per_s)},
                            {"latency_ns", optional_json(domain.latency_ns)}});
  }
  json["caches"] = Json::array();
  for (const Cache& cache : machine.caches) {
    json["caches"].push_back(
        {{"level", cache.level}, {"bytes", cache.bytes}, {"cpuset", cache.cpuset.to_string()}});
  }
  json["cores"] = Json::array();
  for (const Core& core : machine.cores) {
    json["cores"].push_back({{"os_index", core.os_index},
                             {"package", core.package},
                             {"numa", core.numa},
                             {"kind", machine.core_kinds[core.kind].name},
                             {"cpuset", core.cpuset.to_string()}});
  }
  json["network_cards"] = Json::array();
  for (const NetworkCard& card : machine.network_cards) {
    json["network_cards"].push_back({{"name", card.name},
                                     {"numa", domains_json(machine, card.numa)},
                                     {"near", card.near.to_string()}});
  }
  return json;
}

Json shares_json(const Machine& machine, const std::vector<NodeShare>& shares) {
  Json list = Json::array();
  for (const NodeShare& share : shares) {
    Json workers = Json::array();
    for (const WorkerPlace& worker : share.workers) {
      workers.push_back({{"core", worker.core},
                         {"kind", machine.core_kinds[worker.kind].name},
                         {"cpuset", worker.cpuset.to_string()}});
    }
    list.push_back({{"cpuset", share.cpuset.to_string()},
                    {"numa", domains_json(machine, share.numa)},
                    {"memory_bytes", optional_json(share.memory_bytes)},
                    {"oversubscribed", share.oversubscribed},
                    {"workers", std::move(workers)}});
  }
  return list;
}

}  // namespace

int topology_command(const std::vector<std::string>& arguments, std::ostream& out) {
  TopologyOptions options;
  const po::options_description table = option_table(options);
  read_options(arguments, table, options);
  if (options.help) {
    out << table;
    return 0;
  }
  if (options.tree) {
    print_tree({options.tree_options, options.switches, options.ranks, options.json}, out);
    return 0;
  }
  const Machine machine = machine_for(options);
  const std::vector<NodeShare> shares = divide(machine, options.ranks.value_or(1));
  if (options.json) {
    Json json = machine_json(machine);
    json["ranks"] = shares_json(machine, shares);
    // Names from foreign files may hold any bytes.
    out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return 0;
  }
  print_summary(machine, out);
  print_packages(machine, out);
  print_kinds_and_cards(machine, out);
  print_shares(machine, shares, out);
  return 0;
}

}  // namespace weir
