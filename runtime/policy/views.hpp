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
  Duration cost_hint{0};             // zero: unknown
  Duration slack = Duration::max();  // until its deadline, negative when late; max: it has none
};

struct NodeView {
  RankId rank;
  double cores = 1;  // workers
  double speed = 1;  // nominal speed of a core, relative to the other nodes

  // As of the last report; zero before the first one.
  std::uint32_t queued = 0;
  std::uint32_t running = 0;
  Duration report_age{0};

  // Homes that place tasks there, this one included, where they are not all; else zero.
  double homes = 0;

  // This home's own: under way to, queued or running at the node; and those placed there since the
  // report was made, which it cannot know of.
  std::uint32_t own_in_flight = 0;
  std::uint32_t own_since_report = 0;

  // Of own_in_flight, those of each class.
  std::array<std::uint32_t, kMaxClasses> own_of_class{};

  // Of `queued` and `running`, those of each class; and how many of it the node lets run at once,
  // zero: any.
  struct OfClass {
    std::uint32_t queued = 0;
    std::uint32_t running = 0;
    std::uint32_t limit = 0;
  };
  std::array<OfClass, kMaxClasses> classes{};

  // Measured mean service time per class in seconds, from reports and own completions; zero:
  // unknown.
  std::array<double, kMaxClasses> mean_service_s{};
};

struct ClusterView {
  // At least one, ascending by rank. Position i is rank i, but where a rule follows the tree
  // (Policy::follows_tree): then only those that the home sees, and those where it has tasks.
  std::span<const NodeView> nodes;
  RankId self;                  // the home that chooses
  double dispatcher_count = 1;  // homes that place tasks, this one included
  Instant now{};                // of the home's clock
};

// Homes that place tasks at the node, this one included.
inline double homes_at(const NodeView& node, const ClusterView& cluster) {
  return node.homes > 0 ? node.homes : cluster.dispatcher_count;
}

// Cores x nominal speed: unit-speed core equivalents. Zero: the node runs no tasks (it only places
// them, is parked or lost) and no rule chooses it.
double capacity(const NodeView& node);

// Workers that tasks of this class can have there at once where the node is nearly full.
double cores_for(const NodeView& node, ClassId task_class);

// Tasks at the node as far as this home can know: the report, and own placements since then,
// counted `own_weight` times as often as there are dispatchers, for the others do the same, unseen.
// Own placements that have ended since are left out, and the estimate is never below what this home
// surely has there. A home that is the only dispatcher needs no report: its own counts are the
// tasks.
double estimated_tasks(const NodeView& node, double dispatcher_count, double own_weight = 1);

// Seconds of work of a task of this class on a core of speed 1: the mean of measured service x
// nominal speed over the nodes that know it; 1 where none does, as rules compare nodes only. One
// pass.
double mean_work_s(const ClusterView& cluster, ClassId task_class);

// Expected service in seconds of a task of this class at this node: measured there, else a guess
// that is better than likely, half of mean_work_s() / nominal speed, so that it is tried. The short
// form takes the pass of mean_work_s() where needed.
double expected_service_s(const NodeView& node, ClassId task_class, double work_s);
double expected_service_s(const ClusterView& cluster, const NodeView& node, ClassId task_class);

// mean_work_s() of every class; zero where no node knows the class. One pass.
using ClassWork = std::array<double, kMaxClasses>;
ClassWork mean_work_of_classes(const ClusterView& cluster);

// Speed of a node's cores without regard to class: the work of one task of each class it has
// measured over the time it took; its nominal speed where it has measured none.
double measured_speed(const NodeView& node, const ClassWork& work);

}  // namespace weir
