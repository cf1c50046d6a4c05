// One trial of an experiment: a scenario with a policy and a seed, and what is measured of it.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

enum class Measurement : std::uint8_t {
  kResponse,    // of the scenario as it is
  kThroughput,  // the largest load sustained; see sustained_throughput.hpp
  kAdaptation,  // response in every second; see response_series.hpp
};

struct Trial {
  std::size_t scenario = 0;  // positions in the lists of the experiment
  std::size_t policy = 0;
  std::uint64_t seed = 1;
  Measurement measurement = Measurement::kResponse;
  Duration window{0};  // throughput: how long a load has to be sustained
  Settings settings;   // complete, with policy and seed
};

struct Measured {
  std::map<std::string, double> numbers;  // by the names of measured_columns()
  std::vector<double> series;             // adaptation: mean ms, by second of the run
  std::vector<double> p99_series;         // adaptation: the 99th percentile, likewise
};

// What a trial may measure, in the order in which to show it.
struct MeasuredColumn {
  const char* name;
  const char* description;  // unit and meaning
};
inline constexpr std::size_t kMeasuredColumns = 23;
const std::array<MeasuredColumn, kMeasuredColumns>& measured_columns();

// Everything that decides the outcome: the settings, the measurement, the contents of traces, and
// the program that computes it. Equal keys, equal outcomes (processor time apart). Throws Error for
// a trace that cannot be read.
std::string key_of(const Trial& trial);

using StopRequest = std::function<bool()>;

// Nothing when `stop` became true meanwhile. Throws Error for what cannot be simulated. Any thread.
std::optional<Measured> measure(const Trial& trial, const StopRequest& stop);

}  // namespace weir
