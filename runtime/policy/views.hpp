// What a placement choice may look at: what nodes reported, as old as it is, and this home's own
// counts, which are always fresh.

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

struct TaskView {
  TaskId id;
  ClassId task_class;
  std::uint64_t key = 0;
  Duration cost_hint{0};  // zero: unknown
};

struct NodeView {
  RankId rank;
  double cores = 1;  // workers
  double speed = 1;  // nominal speed of a core, relative to the other nodes

  // As of the last report; zero before the first one.
  std::uint32_t queued = 0;
  std::uint32_t running = 0;
  Duration report_age{0};

  // This home's own: under way to, queued or running at the node; and those placed there since the
  // report was made, which it cannot know of.
  std::uint32_t own_in_flight = 0;
  std::uint32_t own_since_report = 0;

  // Measured mean service time per class in seconds, from reports and own completions; zero:
  // unknown.
  std::array<double, kMaxClasses> mean_service_s{};
};

struct ClusterView {
  std::span<const NodeView> nodes;  // at least one; position i is rank i
  RankId self;                      // the home that chooses
  double dispatcher_count = 1;      // homes that place tasks, this one included
};

// Tasks at the node as far as this home can know: the report, own placements since then counted as
// often as there are dispatchers (the others do the same, unseen), and never less than what is
// surely there.
double estimated_tasks(const NodeView& node, double dispatcher_count);

// Expected service of a task of this class at this node in seconds: measured there, else the
// class's mean over the nodes that know it, corrected for nominal speed, else 1/speed.
double expected_service_s(const ClusterView& cluster, const NodeView& node, ClassId task_class);

}  // namespace weir
