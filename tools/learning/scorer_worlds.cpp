#include "tools/learning/scorer_worlds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Estimates of speeds and of the contention of memory take about ten seconds to settle.
constexpr const char* kWarmUp = "10s";
constexpr const char* kDuration = "32s";

constexpr const char* kAffinity = ";affinity=1/1/1,0.7/1/1.4,1.6/1/0.5";
constexpr const char* kDrift = ";drift_speed=0.5;drift_good_s=20;drift_slow_s=7";
constexpr const char* kInterference =
    ";interference_beta=1;interference_classes=2;interference_share=0.35";

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

struct Dispatch {
  int dispatchers = 8;
  std::string report_interval = "100ms";
  std::array<std::string, 3> streams{"finance:poisson", "social:poisson", "iot:poisson"};
};

Settings world(const std::string& nodes, double load, const Dispatch& dispatch = {}) {
  Settings settings{{"emulate", nodes}};
  for (const std::string& stream : dispatch.streams) settings.emplace_back("stream", stream);
  settings.emplace_back("load", text_of(load));
  settings.emplace_back("duration", kDuration);
  settings.emplace_back("warm-up", kWarmUp);
  settings.emplace_back("dispatchers", std::to_string(dispatch.dispatchers));
  settings.emplace_back("report-interval", dispatch.report_interval);
  return settings;
}

class RandomWorlds {
 public:
  explicit RandomWorlds(std::uint64_t seed) : random_(seed) {}

  Settings next() {
    std::string nodes = node_types();
    nodes += sizes();
    nodes += affinity();
    nodes += drift();
    nodes += interference();
    // What drift and contention take away of the capacity is not free for work.
    return world(nodes, between(.4, .95) * usable_, dispatch());
  }

 private:
  double between(double least, double most) { return least + (most - least) * random_.uniform(); }
  bool happens(double probability) { return random_.uniform() < probability; }
  template <typename T, std::size_t N>
  const T& one_of(const std::array<T, N>& all) {
    return all[random_.below(N)];
  }

  // Not so many tasks that one world takes as long as ten. Of each type as many in every cluster.
  std::string node_types() {
    constexpr double kMostPerS = 8'000;
    constexpr std::array kClusters{1, 1, 2, 4, 6};
    constexpr std::array kCores{2, 4, 8, 16, 24, 32, 44};
    const int clusters = one_of(kClusters);
    const auto type_count = 1 + random_.below(3);
    double capacity = 0;
    node_count_ = 0;
    std::string text;
    for (std::uint64_t i = 0; i < type_count; ++i) {
      const int cores = one_of(kCores);
      const int count = clusters * (2 + static_cast<int>(random_.below(9 / type_count)));
      const double speed = between(.7, 1.4);
      capacity += cores * speed * count;
      node_count_ += count;
      text += (i == 0 ? "nodes=" : ",") + std::to_string(cores) + "x" + text_of(speed) + "*" +
              std::to_string(count);
    }
    type_count_ = type_count;
    const double work_ms =
        std::max(std::exp(between(std::log(20), std::log(300))), 1e3 * capacity / kMostPerS);
    return text + ";clusters=" + std::to_string(clusters) + ";work_ms=" + text_of(work_ms);
  }

  std::string sizes() {
    const double kind = random_.uniform();
    if (kind < .4) return "";
    if (kind < .8) return ";size=hyperexponential;size_c2=" + text_of(between(2, 16));
    return ";size=bounded_pareto;size_alpha=" + text_of(between(1.4, 2.5)) + ";size_ratio=1000";
  }

  // Of each class, a factor for each type.
  std::string affinity() {
    if (!happens(.6)) return "";
    std::string text = ";affinity=";
    for (int task_class = 0; task_class < 3; ++task_class) {
      if (task_class > 0) text += ',';
      for (std::uint64_t type = 0; type < type_count_; ++type) {
        const double factor = task_class == 0 ? 1 : between(.6, 1.6);
        text += (type == 0 ? "" : "/") + text_of(factor);
      }
    }
    return text;
  }

  std::string drift() {
    usable_ = 1;
    if (!happens(.6)) return "";
    const double speed = between(.3, .8);
    const double good_s = between(3, 30);
    const double slow_s = between(1, 10);
    usable_ = (good_s + speed * slow_s) / (good_s + slow_s);
    return ";drift_speed=" + text_of(speed) + ";drift_good_s=" + text_of(good_s) +
           ";drift_slow_s=" + text_of(slow_s);
  }

  std::string interference() {
    if (!happens(.4)) return "";
    usable_ *= .95;
    return ";interference_beta=" + text_of(between(.3, 2)) +
           ";interference_classes=2;interference_share=0.35";
  }

  Dispatch dispatch() {
    constexpr std::array kDispatchers{1, 2, 4, 8, 16};
    static const std::array<std::string, 7> kIntervals{"10ms",  "50ms", "100ms", "200ms",
                                                       "500ms", "1s",   "2s"};
    static const std::array<std::string, 3> kFinance{"finance:poisson", "finance:hawkes",
                                                     "finance:opening"};
    static const std::array<std::string, 3> kSocial{"social:poisson", "social", "social:crowds"};
    static const std::array<std::string, 2> kIot{"iot:poisson", "iot"};
    Dispatch dispatch{.dispatchers = std::min(one_of(kDispatchers), node_count_),
                      .report_interval = one_of(kIntervals)};
    if (happens(.4)) dispatch.streams = {one_of(kFinance), one_of(kSocial), one_of(kIot)};
    return dispatch;
  }

  Random random_;
  std::uint64_t type_count_ = 0;
  int node_count_ = 0;
  double usable_ = 1;  // share of the capacity
};

}  // namespace

std::vector<Settings> known_scorer_worlds() {
  const std::string skewed = ";size=hyperexponential;size_c2=4";
  const std::string combined = "paper50" + skewed + kAffinity + kDrift + kInterference;
  std::vector<Settings> worlds;
  for (const double load : {.5, .7, .8}) worlds.push_back(world(combined, load));
  worlds.push_back(world("paper50", .87));
  worlds.push_back(world("paper50", .87, {.dispatchers = 1}));
  worlds.push_back(world(std::string("paper50") + kAffinity, .87));
  worlds.push_back(world(std::string("paper50") + kDrift, .72));
  worlds.push_back(world(std::string("paper50") + kInterference, .75));
  // As in jobs of thousands of nodes, where reports go slowly and through levels.
  worlds.push_back(world("nodes=4x0.9*80,5x1*80,7x1.2*40;clusters=4;work_ms=1000" + skewed +
                             kAffinity + kDrift + kInterference,
                         .7, {.dispatchers = 16, .report_interval = "2s"}));
  worlds.push_back(world("nodes=4x0.9*3,4x1*3,4x1.2*2;work_ms=40" + skewed + kAffinity +
                             ";drift_speed=0.5;drift_good_s=5;drift_slow_s=2",
                         .6, {.dispatchers = 4, .report_interval = "50ms"}));
  worlds.push_back(world("nodes=4x0.9*20,5x1*20,7x1.2*10;clusters=5;work_ms=200", .8));
  return worlds;
}

std::vector<Settings> random_scorer_worlds(std::size_t count, std::uint64_t seed) {
  RandomWorlds random(seed);
  std::vector<Settings> worlds;
  for (std::size_t i = 0; i < count; ++i) worlds.push_back(random.next());
  return worlds;
}

}  // namespace weir
