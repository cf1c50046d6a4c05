#include "tools/simulate/bounds_command.hpp"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/result/run_bounds.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/simulate/simulate_options.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

constexpr const char* kHelp =
    "usage: weir bounds SCENARIO.ini [--set NAME=VALUE]... [--json]\n\n"
    "Prints what no placement rule can beat in a scenario of `weir simulate`: the largest rate\n"
    "that its nodes sustain for its mix of classes, which share of each class then goes to which\n"
    "type of node, and the least mean response at several rates.\n";

// Of the capacity.
constexpr double kShownLoads[] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0};

struct Floor {
  double efficiency = 0;  // rate over capacity
  double rate_per_s = 0;
  double floor_s = 0;
};

struct ScenarioBounds {
  CapacityBound capacity;
  double offered_per_s = 0;
  double nominal_capacity_per_s = 0;  // what a load of 1 means
  std::vector<Floor> floors;
  std::vector<std::string> class_names;
  std::vector<std::string> type_names;
};

ScenarioBounds scenario_bounds(const SimulateOptions& options) {
  const EmulationSpec nodes = nodes_of(options);
  ScenarioBounds bounds;
  const std::vector<int> working = working_ranks(options);
  bounds.nominal_capacity_per_s = nodes.capacity_per_s(working);
  const Workload work = workload_of(options);
  const CapacityProblem problem = capacity_problem(nodes, working, class_rates_of(work));
  bounds.capacity = capacity_bound(problem);
  bounds.offered_per_s = work.rate_per_s;
  for (const double load : kShownLoads) {
    // A little less than all of it, so that rounding does not make the last one impossible.
    const double rate = std::min(load, 1 - 1e-6) * bounds.capacity.rate_per_s;
    if (rate > 0) bounds.floors.push_back({load, rate, response_floor(problem, rate)});
  }
  bounds.class_names = kernel_class_names();
  for (const EmulatedNodeType& type : nodes.types) {
    std::ostringstream name;
    name << type.cores << "x" << type.speed;
    bounds.type_names.push_back(name.str());
  }
  return bounds;
}

void print_json(const ScenarioBounds& bounds, std::ostream& out) {
  nlohmann::ordered_json json{{"capacity_per_s", bounds.capacity.rate_per_s},
                              {"offered_per_s", bounds.offered_per_s},
                              {"node_types", bounds.type_names},
                              {"shares", nlohmann::ordered_json::object()},
                              {"floors", nlohmann::ordered_json::array()}};
  for (std::size_t i = 0; i < bounds.class_names.size(); ++i) {
    json["shares"][bounds.class_names[i]] = bounds.capacity.shares[i];
  }
  for (const Floor& floor : bounds.floors) {
    json["floors"].push_back(
        {{"rate_per_s", floor.rate_per_s}, {"mean_floor_ms", 1000 * floor.floor_s}});
  }
  out << json.dump() << '\n';
}

void print_tables(const ScenarioBounds& bounds, std::ostream& out) {
  out << std::fixed << std::setprecision(1) << "capacity  " << bounds.capacity.rate_per_s
      << " tasks/s\noffered   " << bounds.offered_per_s << " tasks/s, "
      << 100 * bounds.offered_per_s / bounds.capacity.rate_per_s << "% of it\n\n"
      << "   of capacity      load     tasks/s   mean response at least\n";
  for (const Floor& floor : bounds.floors) {
    out << std::setprecision(0) << std::setw(13) << 100 * floor.efficiency << "%"
        << std::setprecision(3) << std::setw(10) << floor.rate_per_s / bounds.nominal_capacity_per_s
        << std::setprecision(0) << std::setw(12) << floor.rate_per_s << std::setprecision(2)
        << std::setw(22) << 1000 * floor.floor_s << " ms\n";
  }
  out << "\nshares of each class at capacity, by node type (cores x speed)\n  " << std::left
      << std::setw(12) << "class" << std::right;
  for (const std::string& name : bounds.type_names) out << std::setw(10) << name;
  out << '\n' << std::setprecision(1);
  for (std::size_t i = 0; i < bounds.class_names.size(); ++i) {
    out << "  " << std::left << std::setw(12) << bounds.class_names[i] << std::right;
    for (const double share : bounds.capacity.shares[i]) out << std::setw(9) << 100 * share << "%";
    out << '\n';
  }
  out << std::flush;
}

}  // namespace

int bounds_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const SimulateOptions options = parse_simulate_options(arguments, "bounds");
  if (options.run.help) {
    out << kHelp;
    return 0;
  }
  for (const std::string& warning : options.run.warnings) {
    std::cerr << "weir-bounds: warning: " << warning << std::endl;
  }
  const ScenarioBounds bounds = scenario_bounds(options);
  if (options.run.json) {
    print_json(bounds, out);
  } else {
    print_tables(bounds, out);
  }
  return 0;
}

}  // namespace weir
