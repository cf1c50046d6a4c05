#include "runtime/exec/emulation_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr double kMostSlackMs = 1000;
constexpr int kMostCores = 1 << 16;
constexpr int kMostClusters = 1 << 20;
constexpr int kMostMemoryDomains = 64;
// Of speeds, slow-downs and times: a million either way from what is usual. More is a typing error.
constexpr double kMost = 1e6;
constexpr double kLeast = 1e-6;
constexpr double kLeastSojourn = 1e-3;  // seconds; shorter ones would take more time than they last

[[noreturn]] void refuse(std::string_view key, std::string_view value, const std::string& needed,
                         const std::string& example) {
  throw Error("--emulate: " + std::string(key) + " is not understood", quoted(value), needed,
              std::string(key) + "=" + example);
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
      type.speed > kMost || type.count < 1 || type.count > kMostEmulatedNodes) {
    refuse("nodes", whole,
           "entries CORESxSPEED*COUNT with 1 to " + std::to_string(kMostCores) +
               " cores, a speed from " + number_text(kLeast) + " to " + number_text(kMost) +
               " and 1 to " + std::to_string(kMostEmulatedNodes) + " nodes; not " + quoted(text),
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

void parse_memory_domains(EmulationSpec& spec, std::string_view value) {
  if (!read_number(value, spec.memory_domains) || spec.memory_domains < 1 ||
      spec.memory_domains > kMostMemoryDomains) {
    refuse("memory_domains", value,
           "a whole number from 1 to " + std::to_string(kMostMemoryDomains), "2");
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

SpeedStep parse_speed_step(std::string_view text, std::string_view whole) {
  const auto times = text.find('x');
  const auto at = text.find('@');
  SpeedStep step;
  const bool good = times != std::string_view::npos && at != std::string_view::npos && times < at &&
                    read_number(text.substr(0, times), step.type) &&
                    read_number(text.substr(times + 1, at - times - 1), step.factor) &&
                    read_number(text.substr(at + 1), step.at_s);
  if (!good || step.factor < kLeast || step.factor > kMost || step.at_s < 0 || step.at_s > kMost) {
    refuse("speed_step", whole,
           "entries TYPExFACTOR@SECOND with a factor from " + number_text(kLeast) + " to " +
               number_text(kMost) + " and a second from 0 to " + number_text(kMost) + "; not " +
               quoted(text),
           "1x0.5@120");
  }
  return step;
}

void parse_speed_steps(EmulationSpec& spec, std::string_view value) {
  spec.speed_steps.clear();
  for (const std::string_view entry : split(value, ',')) {
    spec.speed_steps.push_back(parse_speed_step(entry, value));
  }
  std::ranges::stable_sort(spec.speed_steps, {}, &SpeedStep::at_s);
}

void parse_interference_model(EmulationSpec& spec, std::string_view value) {
  if (value != "at_start" && value != "continuous") {
    refuse("interference_model", value, "at_start or continuous", "continuous");
  }
  spec.interference_model =
      value == "continuous" ? InterferenceModel::kContinuous : InterferenceModel::kAtStart;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string quoted(1, '"');
  return quoted.append(text).append(1, '"');
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

std::vector<EmulationKey> emulation_keys() {
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
      {"interference_model", parse_interference_model},
      {"memory_domains", parse_memory_domains},
      {"speed_step", parse_speed_steps},
      {"slack_ms",
       [](EmulationSpec& spec, std::string_view value) {
         spec.slack_s = number_between("slack_ms", value, 0, kMostSlackMs, "1") / 1000;
       }},
  };
}

}  // namespace weir
