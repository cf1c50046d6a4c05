#include "tools/experiment/sustained_throughput.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tools/simulate/simulated_run.hpp"
#include "tools/simulate/stop_watch.hpp"

namespace weir {
namespace {

constexpr double kFirstLoad = 0.85;  // Most rules break between 0.65 and 1.
constexpr double kLeastLoad = 0.02;
constexpr double kMostLoad = 8;
constexpr double kResolution = 0.01;
constexpr double kStep = 1.12;  // by which the bracket is sought

// Judges a probe while it runs.
class SustainWatch final : public SimulationWatch {
 public:
  SustainWatch(const SustainedLimits& limits, Duration warm_up, Duration window, double rate_per_s)
      : limits_(limits),
        warm_up_(warm_up),
        window_(window),
        rate_per_s_(rate_per_s),
        expected_(rate_per_s * to_seconds(window)) {}

  void on_completed(const CompletedTask& task, Duration now) override {
    if (now - task.response < warm_up_) return;
    ++count_;
    if (task.status != TaskStatus::kDone) {
      ++lost_;
      return;
    }
    const double response_s = to_seconds(task.response);
    sum_s_ += response_s;
    if (response_s > limits_.p95_s) ++late_;
  }

  bool on_interval(Simulation& world, Duration now) override {
    double waiting = 0;
    for (int rank = 0; rank < world.rank_count(); ++rank) {
      const NodeAgentCounts counts = world.agent(RankId(rank)).counts();
      waiting += static_cast<double>(counts.submitted - counts.completed);
    }
    if (now >= warm_up_ && now <= warm_up_ + window_) backlog_.push_back(waiting);
    hopeless_ = waiting > limits_.hopeless_backlog_s * rate_per_s_ + kFewTasks ||
                sum_s_ > kMargin * limits_.mean_s * expected_ + kFewTasks ||
                static_cast<double>(late_) > kMargin * 0.05 * expected_ + kFewTasks;
    return !hopeless_;
  }

  // `never_ended`: tasks that were lost with a dead node, or in a network that was jammed.
  bool passed(std::uint64_t never_ended) const {
    if (hopeless_ || count_ == 0 || backlog_.size() < 3) return false;
    const double count = static_cast<double>(count_);
    const double lost = static_cast<double>(lost_ + never_ended);
    const std::size_t third = backlog_.size() / 3;
    double first = 0;
    double last = 0;
    for (std::size_t i = 0; i < third; ++i) {
      first += backlog_[i];
      last += backlog_[backlog_.size() - 1 - i];
    }
    return sum_s_ <= limits_.mean_s * (count - static_cast<double>(lost_)) &&
           static_cast<double>(late_) <= 0.05 * count &&
           lost < limits_.loss * (count + static_cast<double>(never_ended)) &&
           last <= (1 + limits_.backlog_growth) * first + kFewTasks * static_cast<double>(third);
  }

 private:
  // What chance adds to expected counts, and what is too little to be a trend.
  static constexpr double kMargin = 1.1;
  static constexpr double kFewTasks = 20;

  SustainedLimits limits_;
  Duration warm_up_;
  Duration window_;
  double rate_per_s_;
  double expected_;
  double sum_s_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t lost_ = 0;
  std::vector<double> backlog_;
  bool hopeless_ = false;
};

// Loads are found to 1 %: nine digits repeat a probe, and are what records of it show.
std::string probe_text(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

class Search {
 public:
  Search(const Settings& scenario, Duration window, const StopRequest& stop,
         const SustainedLimits& limits)
      : scenario_(scenario),
        window_(window),
        warm_up_(options_of(scenario).warm_up),
        stop_(stop),
        limits_(limits) {
    change_setting(scenario_, "duration=" + probe_text(to_seconds(warm_up_ + window)) + "s");
  }

  // Grows or shrinks until one load passes and one above it fails, then halves between them.
  std::optional<SustainedThroughput> run() {
    double fails = 0;
    for (double load = kFirstLoad; load >= kLeastLoad && load <= kMostLoad;) {
      const bool passed = probe(load);
      if (stop_()) return std::nullopt;
      if (!passed) fails = load;
      if (fails > 0 && best_.load > 0) break;
      load = passed ? load * kStep : load / kStep;
    }
    while (best_.load > 0 && fails > (1 + kResolution) * best_.load) {
      const double middle = std::sqrt(fails * best_.load);
      if (!probe(middle)) fails = middle;
      if (stop_()) return std::nullopt;
    }
    return best_;
  }

 private:
  bool probe(double load) {
    Settings settings = scenario_;
    change_setting(settings, "load=" + probe_text(load));
    const SimulateOptions options = options_of(settings);
    const double rate_per_s = offered_rate_per_s(options);
    StopWatch stopping(stop_);
    SustainWatch sustained(limits_, warm_up_, window_, rate_per_s);
    const std::array<SimulationWatch*, 2> watches{&stopping, &sustained};
    const RunResult result = simulate(options, watches);
    ++best_.probes;
    const bool passed = sustained.passed(result.world->lost);
    if (passed) {
      best_.load = load;
      best_.rate_per_s = rate_per_s;
    }
    return passed;
  }

  Settings scenario_;
  Duration window_;
  Duration warm_up_;
  const StopRequest& stop_;
  SustainedLimits limits_;
  SustainedThroughput best_;
};

}  // namespace

std::optional<SustainedThroughput> sustained_throughput(const Settings& scenario, Duration window,
                                                        const StopRequest& stop,
                                                        const SustainedLimits& limits) {
  return Search(scenario, window, stop, limits).run();
}

}  // namespace weir
