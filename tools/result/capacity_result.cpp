#include "tools/result/capacity_result.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir {

void print_capacity(const WorldResult& world, std::ostream& out) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f core-seconds switched on\n", world.core_s);
  out << "  capacity     " << text;
  if (world.capacity_decisions == 0) return;
  std::snprintf(text, sizeof text, "%.1f%% of the seconds",
                100 * static_cast<double>(world.capacity_differing) /
                    static_cast<double>(world.capacity_decisions));
  out << "               " << text << " other than the rule's\n";
}

nlohmann::json capacity_json(const WorldResult& world) {
  nlohmann::json json{{"node_s", world.node_s}, {"core_s", world.core_s}};
  if (world.capacity_decisions > 0) {
    json["control"] = {{"decisions", world.capacity_decisions},
                       {"differing", world.capacity_differing}};
  }
  return json;
}

}  // namespace weir
