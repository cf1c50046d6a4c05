#include "tools/learning/control/limit_worlds.hpp"

#include <array>
#include <string>

#include "runtime/base/random.hpp"
#include "tools/learning/control/drawn_setting.hpp"

namespace weir {
namespace {

constexpr const char* kSkewed = ";size=hyperexponential;size_c2=4";
constexpr const char* kAffinity = ";affinity=1/1/1,0.7/1/1.4,1.6/1/0.5";
constexpr const char* kDrift = ";drift_speed=0.5;drift_good_s=20;drift_slow_s=7";

std::string interference(double beta, double share) {
  return ";interference_beta=" + drawn_setting(beta) +
         ";interference_classes=2;interference_share=" + drawn_setting(share);
}

Settings world(const std::string& nodes, double load, int dispatchers) {
  return {{"emulate", nodes},
          {"stream", "finance:poisson"},
          {"stream", "social:poisson"},
          {"stream", "iot:poisson"},
          {"load", drawn_setting(load)},
          // Nodes find their limits within some seconds, as they tell each other.
          {"warm-up", "10s"},
          {"duration", "32s"},
          {"dispatchers", std::to_string(dispatchers)},
          {"report-interval", "100ms"}};
}

}  // namespace

std::vector<Settings> known_limit_worlds() {
  const std::string combined =
      std::string("paper50") + kSkewed + kAffinity + kDrift + interference(1, 0.35);
  return {world("paper50" + interference(2, 0.35), 0.75, 8), world(combined, 0.7, 8),
          world(combined, 0.8, 8),
          world(std::string("nodes=4x0.9*3,4x1*3,4x1.2*2;work_ms=40") + kSkewed + kAffinity +
                    ";drift_speed=0.5;drift_good_s=5;drift_slow_s=2" + interference(1, 0.5),
                0.55, 4)};
}

std::vector<Settings> random_limit_worlds(std::size_t count, std::uint64_t seed) {
  constexpr std::array kNodes{"nodes=24x0.9*4,32x1*4,44x1.2*2;work_ms=100",
                              "nodes=32x1*10;clusters=2;work_ms=100", "nodes=16x1*12;work_ms=50"};
  Random random(seed);
  const auto between = [&](double least, double most) {
    return least + (most - least) * random.uniform();
  };
  std::vector<Settings> worlds;
  for (std::size_t i = 0; i < count; ++i) {
    std::string nodes = kNodes[random.below(kNodes.size())];
    if (random.uniform() < 0.6) nodes += kSkewed;
    double load = between(0.6, 0.85);
    if (random.uniform() < 0.5) {
      nodes += kDrift;
      // What drift takes away.
      load *= 0.87;
    }
    const double beta = between(0.3, 2.5);
    nodes += interference(beta, between(0.2, 0.6));
    worlds.push_back(world(nodes, load, 4));
  }
  return worlds;
}

}  // namespace weir
