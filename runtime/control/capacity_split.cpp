#include "runtime/control/capacity_split.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace weir {
namespace {

// With as many nodes as have all of the capacity, each cluster would have half a node more than is
// asked for; with as many as come nearest, a small one might have a third less.
constexpr double kEnough = 0.95;

}  // namespace

std::vector<double> split_evenly(double capacity, std::span<const double> installed) {
  const double all = std::accumulate(installed.begin(), installed.end(), 0.0);
  const double share = all > 0 ? std::clamp(capacity / all, 0.0, 1.0) : 0;
  std::vector<double> parts(installed.begin(), installed.end());
  for (double& part : parts) part *= share;
  return parts;
}

std::vector<double> split_over_nodes(double capacity, std::span<const double> installed) {
  std::vector<double> parts(installed.size(), 0);
  double on = 0;
  for (std::size_t i = 0; i < installed.size(); ++i) {
    if (installed[i] <= 0) continue;
    if (on > 0 && on >= kEnough * capacity) break;
    parts[i] = installed[i];
    on += installed[i];
  }
  return parts;
}

}  // namespace weir
