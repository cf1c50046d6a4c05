// The tasks of all homes from streams that are run once, where all homes live in one process: each
// home gets the tasks that a StreamSource of its own would give it.

#pragma once

#include <memory>
#include <vector>

#include "runtime/base/ring.hpp"
#include "tools/load/stream_source.hpp"

namespace weir {

// One thread. A task waits here while other homes are further ahead; homes in one virtual time
// drift apart only when one has too many tasks under way to take more.
class StreamDealer {
 public:
  // Tasks without payloads, as emulated nodes run them.
  StreamDealer(std::vector<NumberedStream> streams, int home_count);

  // The source of one home, asked for once per home; the dealer outlives it. Stream time zero is
  // `start` on the home's clock.
  std::unique_ptr<TaskSource> source(int home, Instant start);

 private:
  class Hand;

  // Deals until the home has a task; false when there is none for it any more.
  bool deal_to(int home);

  StreamSource all_;
  std::vector<Ring<Task>> hands_;  // what each home has not taken yet
};

}  // namespace weir
