#include "tools/learning/control/capacity_worlds.hpp"

#include <array>
#include <string>

#include "runtime/base/random.hpp"
#include "tools/learning/control/drawn_setting.hpp"

namespace weir {
namespace {

using Streams = std::array<std::string, 3>;

Settings world(const Streams& streams, const std::string& nodes, double social, double load,
               double headroom, const std::string& warm_up) {
  Settings settings{{"emulate", nodes}};
  for (const std::string& stream : streams) settings.emplace_back("stream", stream);
  settings.emplace_back("share.social", drawn_setting(social));
  settings.emplace_back("load", drawn_setting(load));
  settings.emplace_back("duration", "360s");
  // What a forecast is corrected by, and means of what tasks take, settle within a minute.
  settings.emplace_back("warm-up", "60s");
  settings.emplace_back("dispatchers", "4");
  settings.emplace_back("report-interval", "200ms");
  for (const char* task_class : {"finance", "iot", "social"}) {
    settings.emplace_back(std::string("deadline.") + task_class, "2s");
  }
  settings.emplace_back("policy", "tree");
  settings.emplace_back("capacity", "forecast");
  settings.emplace_back("capacity-day", "600s");
  settings.emplace_back("capacity-headroom", drawn_setting(headroom));
  settings.emplace_back("node-warm-up", warm_up);
  return settings;
}

const Streams kCrowds{"finance:poisson", "social:crowds", "iot:poisson"};
const Streams kBursts{"finance:hawkes", "social:crowds", "iot"};
constexpr const char* kNodes = "nodes=4x1*20;clusters=2;work_ms=200";

}  // namespace

std::vector<Settings> known_capacity_worlds() {
  return {world(kCrowds, kNodes, 0.7, 0.45, 0.1, "5s"),
          world(kBursts, kNodes, 0.333, 0.45, 0.1, "5s")};
}

std::vector<Settings> random_capacity_worlds(std::size_t count, std::uint64_t seed) {
  constexpr std::array kWarmUps{"3s", "5s", "10s"};
  constexpr std::array kNodesOfWorlds{"nodes=4x1*20;clusters=2;work_ms=200",
                                      "nodes=8x1*12;clusters=2;work_ms=250",
                                      "nodes=2x1*30;clusters=3;work_ms=200"};
  const std::array<Streams, 3> streams{kCrowds, kBursts,
                                       Streams{"finance:opening", "social", "iot"}};
  Random random(seed);
  const auto between = [&](double least, double most) {
    return least + (most - least) * random.uniform();
  };
  std::vector<Settings> worlds;
  for (std::size_t i = 0; i < count; ++i) {
    const Streams& of_world = streams[random.below(streams.size())];
    const char* const nodes = kNodesOfWorlds[random.below(kNodesOfWorlds.size())];
    const double social = between(0.3, 0.8);
    const double load = between(0.3, 0.55);
    const double headroom = between(0, 0.2);
    worlds.push_back(
        world(of_world, nodes, social, load, headroom, kWarmUps[random.below(kWarmUps.size())]));
  }
  return worlds;
}

}  // namespace weir
