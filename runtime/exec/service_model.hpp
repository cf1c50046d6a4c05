// How long a task takes on an emulated node: its size, the node's speed for its class, the node's
// drift, and the harm that memory-hungry tasks do each other. All of it is fixed when service
// starts.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/emulation_spec.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// How many tasks of each class run on the node.
using RunningPerClass = std::array<std::uint32_t, kMaxClasses>;

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
  double speed() const { return speed_; }

  // Above zero. `start` is not before the start of any earlier call; `running` does not count this
  // task.
  Duration service(const TaskHeader& task, Instant start, const RunningPerClass& running);

  // Whether the node is in its slow state. `at` as in service().
  bool is_slow(Instant at);

 private:
  double interference_factor(ClassId task_class, const RunningPerClass& running) const;
  void draw_sojourn();

  EmulationSpec spec_;
  std::size_t type_;
  int cores_;
  double speed_;
  std::uint64_t seed_;
  Random drift_random_;
  bool slow_ = false;
  double state_ends_s_ = 0;  // since the start of the run
};

}  // namespace weir
