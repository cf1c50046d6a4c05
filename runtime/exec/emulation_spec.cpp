#include "runtime/exec/emulation_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

// Small against the work, and so is what it adds to response times.
constexpr double kDefaultSlackShare = 0.01;
constexpr double kDefaultSlackS = 1e-3;
constexpr double kMostSlackMs = 1000;

constexpr std::string_view kPaper50 =
    "nodes=24x0.9*20,32x1*20,44x1.2*10;clusters=5;work_ms=114.286;size=exponential";

constexpr int kMostCores = 1 << 16;
constexpr int kMostNodes = 1 << 20;
constexpr int kMostClusters = 1 << 20;
// Of speeds, slow-downs and times: a million either way from what is usual. More is a typing error.
constexpr double kMost = 1e6;
constexpr double kLeast = 1e-6;
constexpr double kLeastSojourn = 1e-3;  // seconds; shorter ones would take more time than they last

std::string quoted(std::string_view text) {
  std::string quoted(1, '"');
  return quoted.append(text).append(1, '"');
}

[[noreturn]] void refuse(std::string_view key, std::string_view value, const std::string& needed,
                         const std::string& example) {
  throw Error("--emulate: " + std::string(key) + " is not understood", quoted(value), needed,
              std::string(key) + "=" + example);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// 1000000, not 1e+06.
std::string number_text(double number) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

// A whole number or a decimal one that fills `text`; false for anything else, also for nan and inf.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() &&
         std::isfinite(static_cast<double>(number));
}

double number_above(std::string_view key, std::string_view value, int bound,
                    const std::string& example) {
  double number = 0;
  if (!read_number(value, number) || number <= bound || number > kMost) {
    refuse(key, value,
           "a number above " + std::to_string(bound) + ", at most " + number_text(kMost), example);
  }
  return number;
}

double number_between(std::string_view key, std::string_view value, double least, double most,
                      const std::string& example) {
  double number = 0;
  if (!read_number(value, number) || number < least || number > most) {
    refuse(key, value, "a number from " + number_text(least) + " to " + number_text(most), example);
  }
  return number;
}

EmulatedNodeType parse_node_type(std::string_view text, std::string_view whole) {
  const auto times = text.find('x');
  const auto star = text.find('*');
  EmulatedNodeType type;
  const bool good =
      times != std::string_view::npos && (star == std::string_view::npos || times < star) &&
      read_number(text.substr(0, times), type.cores) &&
      read_number(text.substr(times + 1, star == std::string_view::npos ? star : star - times - 1),
                  type.speed) &&
      (star == std::string_view::npos || read_number(text.substr(star + 1), type.count));
  if (!good || type.cores < 1 || type.cores > kMostCores || type.speed < kLeast ||
      type.speed > kMost || type.count < 1 || type.count > kMostNodes) {
    refuse("nodes", whole,
           "entries CORESxSPEED*COUNT with 1 to " + std::to_string(kMostCores) +
               " cores, a speed from " + number_text(kLeast) + " to " + number_text(kMost) +
               " and 1 to " + std::to_string(kMostNodes) + " nodes; not " + quoted(text),
           "24x0.9*20,32x1*20");
  }
  return type;
}

void parse_nodes(EmulationSpec& spec, std::string_view value) {
  spec.types.clear();
  for (const std::string_view entry : split(value, ',')) {
    spec.types.push_back(parse_node_type(entry, value));
  }
}

void parse_clusters(EmulationSpec& spec, std::string_view value) {
  if (!read_number(value, spec.cluster_count) || spec.cluster_count < 1 ||
      spec.cluster_count > kMostClusters) {
    refuse("clusters", value, "a whole number from 1 to " + std::to_string(kMostClusters), "5");
  }
}

void parse_size(EmulationSpec& spec, std::string_view value) {
  const std::map<std::string_view, SizeDistribution> names = {
      {"deterministic", SizeDistribution::kDeterministic},
      {"exponential", SizeDistribution::kExponential},
      {"hyperexponential", SizeDistribution::kHyperexponential},
      {"bounded_pareto", SizeDistribution::kBoundedPareto}};
  const auto found = names.find(value);
  if (found == names.end()) {
    refuse("size", value, "deterministic, exponential, hyperexponential or bounded_pareto",
           "exponential");
  }
  spec.size.distribution = found->second;
}

void parse_affinity(EmulationSpec& spec, std::string_view value) {
  spec.affinity.clear();
  for (const std::string_view entry : split(value, ',')) {
    std::vector<double> factors;
    for (const std::string_view text : split(entry, '/')) {
      factors.push_back(number_between("affinity", text, kLeast, kMost, "1/1/1,1.6/1/0.5"));
    }
    spec.affinity.push_back(std::move(factors));
  }
  if (spec.affinity.size() > kMaxClasses) {
    refuse("affinity", value, "at most " + std::to_string(kMaxClasses) + " classes",
           "1/1/1,1.6/1/0.5");
  }
}

void parse_hungry(EmulationSpec& spec, std::string_view value) {
  spec.interference.hungry = {};
  for (const std::string_view text : split(value, '/')) {
    unsigned number = 0;
    if (!read_number(text, number) || number >= kMaxClasses) {
      refuse("interference_classes", value,
             "class numbers from 0 to " + std::to_string(kMaxClasses - 1) + " separated by '/'",
             "1/2");
    }
    spec.interference.hungry[number] = true;
  }
}

struct Key {
  std::string_view name;
  std::function<void(EmulationSpec&, std::string_view value)> parse;
};

std::vector<Key> known_keys() {
  return {
      {"nodes", parse_nodes},
      {"clusters", parse_clusters},
      {"work_ms",
       [](EmulationSpec& spec, std::string_view value) {
         spec.mean_work_s =
             number_between("work_ms", value, kLeast, 1000 * kMost, "114.286") / 1000;
       }},
      {"size", parse_size},
      {"size_c2",
       [](EmulationSpec& spec, std::string_view value) {
         spec.size.c2 = number_above("size_c2", value, 1, "4");
       }},
      {"size_alpha",
       [](EmulationSpec& spec, std::string_view value) {
         spec.size.alpha = number_between("size_alpha", value, 0.01, 100, "1.5");
       }},
      {"size_ratio",
       [](EmulationSpec& spec, std::string_view value) {
         spec.size.ratio = number_above("size_ratio", value, 1, "1000");
       }},
      {"affinity", parse_affinity},
      {"drift_speed",
       [](EmulationSpec& spec, std::string_view value) {
         spec.drift.speed = number_between("drift_speed", value, kLeast, 1, "0.5");
       }},
      {"drift_good_s",
       [](EmulationSpec& spec, std::string_view value) {
         spec.drift.mean_good_s = number_between("drift_good_s", value, kLeastSojourn, kMost, "20");
       }},
      {"drift_slow_s",
       [](EmulationSpec& spec, std::string_view value) {
         spec.drift.mean_slow_s = number_between("drift_slow_s", value, kLeastSojourn, kMost, "7");
       }},
      {"interference_beta",
       [](EmulationSpec& spec, std::string_view value) {
         spec.interference.beta = number_between("interference_beta", value, 0, kMost, "1");
       }},
      {"interference_classes", parse_hungry},
      {"interference_share",
       [](EmulationSpec& spec, std::string_view value) {
         spec.interference.share = number_between("interference_share", value, kLeast, 1, "0.35");
       }},
      {"slack_ms",
       [](EmulationSpec& spec, std::string_view value) {
         spec.slack_s = number_between("slack_ms", value, 0, kMostSlackMs, "1") / 1000;
       }},
  };
}

// Applies KEY=VALUE;KEY=VALUE..., and returns the keys.
std::vector<std::string_view> apply(EmulationSpec& spec, std::string_view items) {
  const std::vector<Key> keys = known_keys();
  std::vector<std::string_view> seen;
  for (const std::string_view item : split(items, ';')) {
    const auto equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const auto key = std::ranges::find(keys, name, &Key::name);
    if (equals == std::string_view::npos || key == keys.end()) {
      std::string names;
      for (const Key& known : keys) names += (names.empty() ? "" : ", ") + std::string(known.name);
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
  if (count > kMostNodes) {
    throw Error("--emulate: too many nodes are described", std::to_string(count) + " of all types",
                "1 to " + std::to_string(kMostNodes), "--emulate paper50");
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
  needs("interference_share", spec.interference.beta > 0, "an interference_beta above 0");
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

double EmulationSpec::capacity_per_s(int nodes) const {
  double speed = 0;
  for (int node = 0; node < nodes; ++node) {
    const EmulatedNodeType& type = types[type_of(node)];
    speed += type.cores * type.speed;
  }
  return speed / mean_work_s;
}

}  // namespace weir
