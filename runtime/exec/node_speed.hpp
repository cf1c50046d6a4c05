// How fast an emulated node is at a time: its nominal speed, less in the slow state of its drift,
// and what steps of its type make of it.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/emulation_spec.hpp"

namespace weir {

// Equal inputs give equal speeds: drift follows from (seed, node). Questions must not go back in
// time.
class NodeSpeed {
 public:
  NodeSpeed(const EmulationSpec& spec, int node, std::uint64_t seed);

  double nominal() const { return nominal_; }
  // Work in seconds on a core of speed 1, done per second.
  double at(Instant now);
  // When it is another one than at the last question; kNever: it stays.
  Instant next_change() const;

  // Whether the node is in its slow state.
  bool is_slow(Instant now);

 private:
  void draw_sojourn();

  double nominal_;
  EmulationSpec::Drift drift_;
  Random random_;
  bool slow_ = false;
  double state_ends_s_ = 0;  // since the start of the run
  std::vector<SpeedStep> steps_;
  std::size_t next_step_ = 0;
  double step_factor_ = 1;
};

}  // namespace weir
