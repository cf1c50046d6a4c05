// How long a task takes on an emulated node: its size, the node's speed for its class and at that
// time, and the harm that memory-hungry tasks do each other. Fixed when service starts: service();
// or in parts, for an executor where it changes while tasks run.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/emulation_spec.hpp"
#include "runtime/exec/node_speed.hpp"
#include "runtime/exec/running_classes.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Three years: longer than any run lasts, and far from the end of time.
inline constexpr double kLongestServiceS = 1e8;

// The size of a task relative to the mean, as a function of (seed, task id): the same on every node
// and at every attempt. Mean 1.
double task_size(const EmulationSpec::Size& size, std::uint64_t seed, TaskId id);

// The model of one node. Equal inputs give equal times: sizes follow from (seed, task id), drift
// from (seed, node).
class ServiceModel {
 public:
  // `spec` is copied.
  ServiceModel(const EmulationSpec& spec, int node, std::uint64_t seed);

  int cores() const { return cores_; }
  int memory_domains() const { return spec_.memory_domains; }
  double speed() const { return speed_.nominal(); }
  // Whether the speed of running tasks changes.
  bool is_continuous() const { return spec_.interference_model == InterferenceModel::kContinuous; }

  // Above zero. `start` is not before the start of any earlier call; `running` is what runs in the
  // task's memory domain without it.
  Duration service(const TaskHeader& task, Instant start, const RunningPerClass& running);

  // What the task takes on this node at speed 1 and without interference, in seconds.
  double work_s(const TaskHeader& task) const;
  // The mean of that over all tasks of the class.
  double mean_work_s(ClassId task_class) const;
  // Now and when next; questions must not go back in time.
  NodeSpeed& node_speed() { return speed_; }
  const NodeSpeed& node_speed() const { return speed_; }
  // Whether tasks of the class that run in one memory domain harm each other.
  bool is_hungry(ClassId task_class) const;
  std::uint32_t hungry_among(const RunningPerClass& running) const;
  // How many times longer each of so many hungry tasks of a memory domain takes.
  double interference_factor(double hungry_count) const;

  // Whether the node is in its slow state. `at` as in service().
  bool is_slow(Instant at) { return speed_.is_slow(at); }

 private:
  EmulationSpec spec_;
  std::size_t type_;
  int cores_;
  std::uint64_t seed_;
  NodeSpeed speed_;
};

}  // namespace weir
