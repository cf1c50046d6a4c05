#include "runtime/exec/emulation_spec.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/exec/emulation_keys.hpp"

namespace weir {
namespace {

// Small against the work, and so is what it adds to response times.
constexpr double kDefaultSlackShare = 0.01;
constexpr double kDefaultSlackS = 1e-3;

constexpr std::string_view kPaper50 =
    "nodes=24x0.9*20,32x1*20,44x1.2*10;clusters=5;work_ms=114.286;size=exponential";

// Applies KEY=VALUE;KEY=VALUE..., and returns the keys.
std::vector<std::string_view> apply(EmulationSpec& spec, std::string_view items) {
  const std::vector<EmulationKey> keys = emulation_keys();
  std::vector<std::string_view> seen;
  for (const std::string_view item : split(items, ';')) {
    const auto equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const auto key = std::ranges::find(keys, name, &EmulationKey::name);
    if (equals == std::string_view::npos || key == keys.end()) {
      std::string names;
      for (const EmulationKey& known : keys)
        names += (names.empty() ? "" : ", ") + std::string(known.name);
      throw Error("--emulate: an item is not understood", quoted(item),
                  "KEY=VALUE with one of " + names + "; or paper50 at the start",
                  "--emulate paper50, or --emulate \"nodes=8x1*4;work_ms=10\"");
    }
    if (std::ranges::find(seen, name) != seen.end()) {
      throw Error("--emulate: a key comes twice", quoted(name), "every key at most once",
                  "to leave one of them out");
    }
    seen.push_back(name);
    key->parse(spec, item.substr(equals + 1));
  }
  return seen;
}

void check_node_count(const EmulationSpec& spec) {
  std::int64_t count = 0;
  for (const EmulatedNodeType& type : spec.types) count += type.count;
  if (count > kMostEmulatedNodes) {
    throw Error("--emulate: too many nodes are described", std::to_string(count) + " of all types",
                "1 to " + std::to_string(kMostEmulatedNodes), "--emulate paper50");
  }
}

// A key that changes nothing is a mistake: most likely the other one was forgotten.
void check_effects(const EmulationSpec& spec, const std::vector<std::string_view>& given) {
  const auto needs = [&given](std::string_view key, bool effective, const std::string& other) {
    if (effective || std::ranges::find(given, key) == given.end()) return;
    throw Error("--emulate: " + std::string(key) + " has no effect",
                std::string(key) + " without " + other, "both of them, or neither",
                other + ", or to leave " + std::string(key) + " out");
  };
  const bool pareto = spec.size.distribution == SizeDistribution::kBoundedPareto;
  needs("size_c2", spec.size.distribution == SizeDistribution::kHyperexponential,
        "size=hyperexponential");
  needs("size_alpha", pareto, "size=bounded_pareto");
  needs("size_ratio", pareto, "size=bounded_pareto");
  needs("drift_good_s", spec.drift.speed < 1, "a drift_speed below 1");
  needs("drift_slow_s", spec.drift.speed < 1, "a drift_speed below 1");
  needs("interference_classes", spec.interference.beta > 0, "an interference_beta above 0");
  needs("interference_model",
        spec.interference.beta > 0 || spec.drift.speed < 1 || !spec.speed_steps.empty(),
        "interference, drift or a speed step");
  needs("interference_share", spec.interference.beta > 0, "an interference_beta above 0");
  needs("memory_domains", spec.interference.beta > 0, "an interference_beta above 0");
}

// What no single key can say about itself.
void check_together(const EmulationSpec& spec) {
  if (spec.types.empty()) {
    throw Error("--emulate: no nodes are described",
                "no preset and no nodes=", "at least one node type",
                "--emulate paper50, or --emulate nodes=8x1*4");
  }
  check_node_count(spec);
  for (const EmulatedNodeType& type : spec.types) {
    if (type.count % spec.cluster_count == 0) continue;
    throw Error("--emulate: the nodes do not divide among the clusters",
                std::to_string(type.count) + " nodes of " + std::to_string(type.cores) +
                    " cores for " + std::to_string(spec.cluster_count) + " clusters",
                "of each node type as many in every cluster",
                "counts that are multiples of " + std::to_string(spec.cluster_count) +
                    ", or another number of clusters");
  }
  for (const auto& factors : spec.affinity) {
    if (factors.size() == spec.types.size()) continue;
    throw Error("--emulate: affinity does not fit the nodes",
                std::to_string(factors.size()) + " slow-downs for one class",
                std::to_string(spec.types.size()) + ", one for each node type",
                "affinity=1/1/1,1.6/1/0.5 for three node types and two classes");
  }
  for (const SpeedStep& step : spec.speed_steps) {
    if (step.type < spec.types.size()) continue;
    throw Error("--emulate: a speed step of a node type that does not exist",
                "type " + std::to_string(step.type),
                "0 to " + std::to_string(spec.types.size() - 1) + ", in the order of nodes=",
                "speed_step=0x0.5@120");
  }
  const int fewest = std::ranges::min_element(spec.types, {}, &EmulatedNodeType::cores)->cores;
  if (spec.memory_domains > fewest) {
    throw Error(
        "--emulate: a memory domain without a core",
        std::to_string(spec.memory_domains) + " domains for " + std::to_string(fewest) +
            (fewest == 1 ? " core" : " cores"),
        "at least one core in each",
        fewest == 1 ? "to leave memory_domains out" : "memory_domains=" + std::to_string(fewest));
  }
  const auto& interference = spec.interference;
  if (interference.beta > 0 && std::ranges::count(interference.hungry, true) == 0) {
    throw Error("--emulate: interference without a memory-hungry class", "interference_beta alone",
                "interference_classes as well", "interference_classes=1");
  }
}

}  // namespace

EmulationSpec EmulationSpec::parse(std::string_view text) {
  EmulationSpec spec;
  const auto end = text.find(';');
  if (text.substr(0, end) == "paper50") {
    apply(spec, kPaper50);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  std::vector<std::string_view> keys;
  if (!text.empty()) keys = apply(spec, text);
  check_together(spec);
  check_effects(spec, keys);
  return spec;
}

bool EmulationSpec::is_key(std::string_view name) {
  const std::vector<EmulationKey> keys = emulation_keys();
  return std::ranges::find(keys, name, &EmulationKey::name) != keys.end();
}

int EmulationSpec::node_count() const {
  int count = 0;
  for (const EmulatedNodeType& type : types) count += type.count;
  return count;
}

std::size_t EmulationSpec::type_of(int node) const {
  WEIR_CHECK(node >= 0 && !types.empty(), "no such emulated node");
  int place = node % node_count() % (node_count() / cluster_count);
  for (std::size_t i = 0; i < types.size(); ++i) {
    place -= types[i].count / cluster_count;
    if (place < 0) return i;
  }
  WEIR_CHECK(false, "the node types do not divide among the clusters");
}

double EmulationSpec::slow_down(ClassId task_class, std::size_t type) const {
  return task_class.value() < affinity.size() ? affinity[task_class.value()][type] : 1;
}

Duration EmulationSpec::timer_slack() const {
  return from_seconds(slack_s.value_or(std::min(kDefaultSlackS, kDefaultSlackShare * mean_work_s)));
}

double EmulationSpec::capacity_per_s(std::span<const int> nodes) const {
  double speed = 0;
  for (const int node : nodes) {
    const EmulatedNodeType& type = types[type_of(node)];
    speed += type.cores * type.speed;
  }
  return speed / mean_work_s;
}

}  // namespace weir
