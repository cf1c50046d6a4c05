// What `--emulate SPEC` describes: the nodes that ranks pretend to be, and how long work takes on
// them.
//
// SPEC is a list of KEY=VALUE separated by ';'. A preset name may come first; what follows changes
// it. Every key at most once, and none that changes nothing.
//
//   nodes=24x0.9*20,32x1*20    CORES x SPEED * COUNT, one entry for each node type
//   clusters=5                 each with the same mix; ranks are numbered cluster by cluster
//   work_ms=114.286            mean work of a task: milliseconds on a core of speed 1
//   size=exponential           deterministic, exponential, hyperexponential or bounded_pareto
//   size_c2=4                  hyperexponential: squared coefficient of variation, above 1
//   size_alpha=1.5             bounded_pareto: the exponent, above 0
//   size_ratio=1000            bounded_pareto: largest over smallest size, above 1
//   affinity=1/1/1,1.6/1/0.5   one entry for each class from class 0 on, in it one slow-down for
//                              each node type (1.6: takes 1.6 times as long); further classes 1
//   drift_speed=0.5            speed in the slow state over that in the good one; else no drift
//   drift_good_s=20            mean time in the good state, exponential
//   drift_slow_s=7             mean time in the slow state, exponential
//   interference_beta=1        strength; no interference without it
//   interference_classes=1     the memory-hungry classes, as 1/2/5
//   interference_share=0.35    the share of the cores they may use without harm
//   memory_domains=2           equal parts of a node's cores (NUMA): memory-hungry tasks harm those
//                              of their own part only
//   interference_model=continuous
//                              the speed of running tasks follows the mix of memory-hungry ones,
//                              drift and steps; at_start (the default): fixed when service starts
//   speed_step=1x0.5@120       TYPExFACTOR@SECOND: what nodes of that type (counted from 0) have of
//                              their speed from then on; several separated by ','
//   slack_ms=1                 an end is noticed up to this late, so that one wake-up serves
//                              several; without it 1/100 of the mean work, at most 1 ms
//
// Presets: paper50 = nodes=24x0.9*20,32x1*20,44x1.2*10;clusters=5;work_ms=114.286;size=exponential.
// Only `nodes` has no default.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

enum class SizeDistribution { kDeterministic, kExponential, kHyperexponential, kBoundedPareto };

enum class InterferenceModel { kAtStart, kContinuous };

// Nodes of a type have `factor` times their nominal speed from `at_s` on, until the next step.
struct SpeedStep {
  std::size_t type = 0;
  double factor = 1;
  double at_s = 0;  // since the start of the run
};

struct EmulatedNodeType {
  int cores = 1;
  double speed = 1;  // work in seconds on a core of speed 1, done per second
  int count = 1;
};

struct EmulationSpec {
  struct Size {
    SizeDistribution distribution = SizeDistribution::kExponential;
    double c2 = 4;        // hyperexponential
    double alpha = 1.5;   // bounded Pareto
    double ratio = 1000;  // bounded Pareto
  };
  struct Drift {
    double speed = 1;  // 1: none
    double mean_good_s = 20;
    double mean_slow_s = 7;
  };
  struct Interference {
    double beta = 0;  // 0: none
    double share = 0.35;
    std::array<bool, kMaxClasses> hungry{};
  };

  std::vector<EmulatedNodeType> types;
  int cluster_count = 1;
  double mean_work_s = 0.114286;
  Size size;
  std::vector<std::vector<double>> affinity;  // by class, then by type; may be shorter or empty
  Drift drift;
  Interference interference;
  int memory_domains = 1;  // of each node; at most as many as it has cores
  InterferenceModel interference_model = InterferenceModel::kAtStart;
  std::vector<SpeedStep> speed_steps;  // by time
  std::optional<double> slack_s;       // none: chosen by timer_slack()

  // Throws Error at the first mistake.
  static EmulationSpec parse(std::string_view text);

  // Whether the text of a spec may set it.
  static bool is_key(std::string_view name);

  int node_count() const;
  // The type of node `node`, from 0 on. A job with more ranks than the spec has nodes starts again
  // with the first node; a job with fewer uses the first ones.
  std::size_t type_of(int node) const;
  // The slow-down of a class on a node type.
  double slow_down(ClassId task_class, std::size_t type) const;
  // How late the end of a task may be noticed.
  Duration timer_slack() const;
  // Tasks per second that these nodes complete at most, without affinity, drift and interference.
  double capacity_per_s(std::span<const int> nodes) const;
};

}  // namespace weir
