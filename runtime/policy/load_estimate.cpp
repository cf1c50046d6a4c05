#include "runtime/policy/load_estimate.hpp"

#include <algorithm>

namespace weir {
namespace {

// One report in sixteen: with reports every 100 ms the estimate follows a step within 2 s. The sum
// over many nodes is smooth besides.
constexpr double kGain = 1.0 / 16;
// Tasks that count per core: the queue of one overloaded node says nothing about the others.
constexpr double kMostPerCore = 2;

}  // namespace

void LoadEstimate::on_report(const NodeView& node) {
  const auto position = static_cast<std::size_t>(node.rank.value());
  if (position >= nodes_.size()) nodes_.resize(position + 1);
  Known& known = nodes_[position];
  const double tasks = static_cast<double>(node.running) + node.queued;
  const double demand = std::min(tasks, kMostPerCore * node.cores) * node.speed;
  // A node is not taken for idle because its first tasks are still on their way.
  if (known.capacity != capacity(node)) {
    demand_ += kUnknownLoad * capacity(node) - known.demand;
    known.demand = kUnknownLoad * capacity(node);
  }
  const double smoothed = known.demand + kGain * (demand - known.demand);
  capacity_ += capacity(node) - known.capacity;
  demand_ += smoothed - known.demand;
  known = {.capacity = capacity(node), .demand = smoothed};
}

double LoadEstimate::load() const {
  if (capacity_ <= 0) return kUnknownLoad;
  return std::clamp(demand_ / capacity_, 0.0, 1.0);
}

}  // namespace weir
