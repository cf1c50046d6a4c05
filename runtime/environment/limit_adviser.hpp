// The seam to whoever corrects how many tasks of a class a node lets run at once: a trained
// network, or one of a test.

#pragma once

#include <cstdint>

#include "runtime/base/ids.hpp"

namespace weir {

// What a node knows of one class of tasks, when it has measured another block of them.
struct LimitView {
  ClassId task_class{0};
  double queued = 0;   // tasks of the class that wait here
  double running = 0;  // of the class
  double all_queued = 0;
  double all_running = 0;
  // Of the rule, in one memory domain, where the class has one; 0: it has none.
  std::uint32_t limit = 0;
  // Workers of that domain by which the limit is corrected now, and by how many at most.
  std::int32_t offset = 0;
  std::int32_t most_offset = 0;
  double domain_workers = 1;  // of the largest memory domain
  double domain_count = 1;
  // Of late, what tasks of the class took over the mean of the class here.
  double pace = 1;
  double slowness = 1;    // of the node: what tasks of all classes take over its normal state
  bool is_slow = false;   // more probably than not, the node is in its slow state
  double busy_share = 0;  // of the workers, since the block before
};

class LimitAdviser {
 public:
  virtual ~LimitAdviser() = default;

  // By how many workers of a memory domain the offset is to change: -1, 0 or 1; 0 lets it fade.
  // Whoever asks keeps it within bounds.
  virtual int step(const LimitView& view) = 0;
};

}  // namespace weir
