#include "tools/experiment/trial.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "runtime/session/version.hpp"
#include "tools/experiment/response_series.hpp"
#include "tools/experiment/sustained_throughput.hpp"
#include "tools/load/workload.hpp"
#include "tools/simulate/simulated_run.hpp"
#include "tools/simulate/stop_watch.hpp"

namespace weir {
namespace {

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string digest_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) {
    throw Error("a file cannot be read, and so results of before cannot be told from others",
                path.string(), "a file that can be read and is not empty",
                "another file, or permission to read it");
  }
  return std::to_string(hash_of(std::as_bytes(std::span(text))));
}

const std::string& program_digest() {
  static const std::string digest = kVersion + std::string(" ") + digest_of_file("/proc/self/exe");
  return digest;
}

void add_learned(const DecisionCounts& learned, std::map<std::string, double>& numbers) {
  const auto placements = static_cast<double>(learned.placements);
  double left = 0;
  for (const auto& reason : learned.by_reason) left += static_cast<double>(reason.placements);
  numbers["differing"] = static_cast<double>(learned.differing) / placements;
  numbers["left_to_rule"] = left / placements;
}

// Counts are of the part after the warm-up.
std::map<std::string, double> numbers_of(const RunResult& result, double cpu_s) {
  const DurationHistogram response = result.tally.response();
  // Those that a dead node took with it never complete, and no tally has them.
  const std::uint64_t gone = result.world ? result.world->lost : 0;
  const double lost = static_cast<double>(result.tally.failed() + result.tally.dropped() + gone);
  const double tasks = static_cast<double>(result.tally.done()) + lost;
  double moved = 0;
  double messages = 0;
  double decisions = 0;
  DecisionCounts learned;
  for (const RankResult& rank : result.ranks) {
    moved += static_cast<double>(rank.counts.moved);
    messages += static_cast<double>(rank.transport.messages_sent);
    decisions += static_cast<double>(rank.counts.decisions);
    learned += rank.learned;
  }
  const double divisor = std::max(tasks, 1.0);
  std::map<std::string, double> numbers{{"tasks", tasks},
                                        {"mean_ms", to_milliseconds(response.mean())},
                                        {"p50_ms", to_milliseconds(response.quantile(0.5))},
                                        {"p95_ms", to_milliseconds(response.quantile(0.95))},
                                        {"p99_ms", to_milliseconds(response.quantile(0.99))},
                                        {"p999_ms", to_milliseconds(response.quantile(0.999))},
                                        {"loss", lost / divisor},
                                        {"offered_per_s", result.offered_rate_per_s},
                                        {"throughput_per_s", result.throughput_per_s()},
                                        {"utilization", result.utilization()},
                                        {"moved_per_task", moved / divisor},
                                        {"messages_per_task", messages / divisor},
                                        {"decisions_per_task", decisions / divisor},
                                        {"cpu_us_per_task", 1e6 * cpu_s / divisor}};
  std::uint64_t missed = 0;
  std::uint64_t with_deadline = 0;
  for (const ClassTally& each : result.tally.classes()) {
    missed += each.missed;
    with_deadline += each.with_deadline;
  }
  if (with_deadline > 0) {
    numbers["missed"] = static_cast<double>(missed) / static_cast<double>(with_deadline);
  }
  if (result.bounds) {
    numbers["capacity_per_s"] = result.bounds->capacity_per_s;
    numbers["mean_floor_ms"] = 1000 * result.bounds->mean_floor_s;
  }
  if (learned.placements > 0) add_learned(learned, numbers);
  if (result.world) numbers["jammed"] = result.world->jammed ? 1 : 0;
  return numbers;
}

std::optional<Measured> measure_response(const SimulateOptions& options, const StopRequest& stop) {
  StopWatch watch(stop);
  const std::array<SimulationWatch*, 1> watches{&watch};
  const double before_s = thread_cpu_s();
  const RunResult result = simulate(options, watches);
  if (result.interrupted) return std::nullopt;
  return Measured{numbers_of(result, thread_cpu_s() - before_s), {}, {}};
}

std::optional<Measured> measure_throughput(const Trial& trial, const StopRequest& stop) {
  const auto found = sustained_throughput(trial.settings, trial.window, stop);
  if (!found) return std::nullopt;
  return Measured{{{"sustained_per_s", found->rate_per_s},
                   {"sustained_load", found->load},
                   {"sustained_probes", static_cast<double>(found->probes)}},
                  {},
                  {}};
}

std::optional<Measured> measure_adaptation(const SimulateOptions& options,
                                           const StopRequest& stop) {
  StopWatch stopping(stop);
  ResponseSeries series;
  const std::array<SimulationWatch*, 2> watches{&stopping, &series};
  if (simulate(options, watches).interrupted) return std::nullopt;
  return Measured{{}, series.means_ms(), series.p99s_ms()};
}

}  // namespace

const std::array<MeasuredColumn, kMeasuredColumns>& measured_columns() {
  static constexpr std::array<MeasuredColumn, kMeasuredColumns> all{{
      {"tasks", "tasks that arrived after the warm-up, done or lost"},
      {"mean_ms", "mean response, ms"},
      {"p50_ms", "median response, ms"},
      {"p95_ms", "95th percentile of the response, ms"},
      {"p99_ms", "99th percentile of the response, ms"},
      {"p999_ms", "99.9th percentile of the response, ms"},
      {"loss", "share of the tasks that failed, were dropped, or were lost with a dead node"},
      {"missed",
       "share of the tasks with a deadline that missed it, or failed or were dropped with it"},
      {"offered_per_s", "tasks offered per second"},
      {"throughput_per_s", "tasks done per second"},
      {"utilization", "busy share of the workers"},
      {"moved_per_task", "hand-overs between nodes per task"},
      {"messages_per_task", "messages sent per task"},
      {"decisions_per_task", "placements per task"},
      {"differing", "share of the placements in which a learned policy differed from its rule"},
      {"left_to_rule", "share of the placements that its guard left to the rule"},
      {"cpu_us_per_task", "processor time of the whole simulation per task, us"},
      {"capacity_per_s", "bound: tasks per second that any rule can sustain at most"},
      {"mean_floor_ms", "bound: no rule has a lower mean response, ms"},
      {"sustained_per_s", "largest rate sustained, tasks per second"},
      {"sustained_load", "the same as a share of the nominal capacity"},
      {"sustained_probes", "rates that were tried"},
      {"jammed", "1 where the network could not carry what was sent, which ended the run; else 0"},
  }};
  return all;
}

std::string key_of(const Trial& trial) {
  std::string key = program_digest() + '\n';
  key += trial.measurement == Measurement::kResponse     ? "response"
         : trial.measurement == Measurement::kThroughput ? "throughput"
                                                         : "adaptation";
  if (trial.window > Duration::zero()) key += " " + std::to_string(trial.window.count()) + " ns";
  for (const auto& [name, value] : trial.settings) {
    key += '\n' + name + " = " + value;
  }
  const RunOptions run = options_of(trial.settings).run;
  for (const std::filesystem::path& trace : run.traces) {
    key += '\n' + trace.string() + " holds " + digest_of_file(trace_path(run, trace));
  }
  const auto file_of = [](const std::string& source) -> std::filesystem::path {
    return source == "none" || source == "shipped" ? "" : source;
  };
  for (const std::filesystem::path& weights :
       {run.weights, run.capacity.forecast.weights, file_of(run.control),
        file_of(run.capacity.adviser)}) {
    if (!weights.empty()) key += "\n" + weights.string() + " holds " + digest_of_file(weights);
  }
  return key;
}

std::optional<Measured> measure(const Trial& trial, const StopRequest& stop) {
  if (trial.measurement == Measurement::kThroughput) return measure_throughput(trial, stop);
  const SimulateOptions options = options_of(trial.settings);
  if (trial.measurement == Measurement::kAdaptation) return measure_adaptation(options, stop);
  return measure_response(options, stop);
}

}  // namespace weir
