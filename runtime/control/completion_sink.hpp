// Where a home's tasks go when they are complete.

#pragma once

#include <cstdint>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

struct CompletedTask {
  TaskHeader header;  // of the last attempt
  TaskStatus status = TaskStatus::kDone;
  RankId node;           // of the last attempt, also one that was not sent or run; or kNoRank:
                         // dropped before there was one
  Duration response{0};  // from the scheduled arrival to now
  Duration waited{0};    // queued at `node`
  Duration service{0};   // running there
  bool moved = false;    // was handed over between nodes on its way
  Bytes result;          // or the text of the last error
  // Of the attempts, those that were made because a node was silent, and not because one failed.
  std::uint32_t reissued = 0;
};

class CompletionSink {
 public:
  virtual ~CompletionSink() = default;
  // Once for every task submitted here. Control thread; must not submit.
  virtual void on_completed(CompletedTask task, Instant now) = 0;
};

}  // namespace weir
