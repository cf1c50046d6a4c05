// What a program may choose: for a session, and for each task.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/session/data.hpp"

namespace weir {

// Who moves messages and completions on.
enum class Progress {
  kCaller,  // the session's thread, inside its calls; MPI_THREAD_FUNNELED is enough
  kThread   // a thread of weir's own, from start() to the end; needs MPI_THREAD_MULTIPLE
};

struct SessionOptions {
  std::string policy = "shortest_expected_delay";
  int worker_count = 0;  // threads of this rank; 0: one per core of its share of the host
  int class_count = 4;   // classes are 0 to class_count - 1, at most kMaxClasses
  int max_retries = 0;   // further attempts of a task that throws or is given up (Future::get)
  std::uint64_t seed = 1;
  // For policies that follow the tree: a file in the form of Slurm's topology.conf, read on rank 0;
  // clusters are its leaf switches. Empty: what Slurm tells each rank, if it does.
  std::string switch_file;
  Progress progress = Progress::kCaller;
  // The credit of this home: tasks submitted here that may be incomplete at one time. Beyond it
  // submit() waits for room, except in tasks and inside weir's own calls, where it must not wait:
  // these tasks queue in memory until there is room. Tasks that tasks submitted find room as well
  // while fewer than that of their depth are incomplete (how many submitted each other before
  // them), as others may wait for them: so all together may be as many at each depth. At least 1.
  std::size_t max_in_flight = 65536;
  // The most that the arguments of a task, or its result, may be in bytes. Raw payloads are refused
  // by submit_raw(), other arguments when they are to leave the rank.
  std::size_t max_payload_bytes = std::size_t{1} << 30;
  // How much longer a task may be expected to wait where SubmitOptions::prefer says than on the
  // rank where it would wait least. Not negative.
  Duration prefer_patience = std::chrono::milliseconds(1);
  // The most that data of other homes may take on this rank, in bytes as they travel. Those used
  // longest ago leave first; those in use stay, and where they leave no room a fetch throws Error.
  std::size_t max_cached_bytes = std::size_t{1} << 30;
};

struct SubmitOptions {
  RankId target = kNoRank;  // the rank that must run it; kNoRank: the policy chooses
  ClassId task_class{0};
  std::uint8_t priority = 0;  // higher first at a node, whatever the class
  std::optional<Duration>
      deadline;           // from now; travels with the task, no shipped policy looks at it yet
  Duration cost_hint{0};  // expected run time on a core of speed 1, for policies; zero: unknown
  bool no_rerun = false;  // has side effects: fails rather than run twice
  // The rank that has what the task needs, say: placed there unless its expected wait is longer by
  // more than SessionOptions::prefer_patience; else the policy chooses. It may still move to a rank
  // that is idle. No effect beside `target`, on a further attempt, or where the policy binds late.
  RankId prefer = kNoRank;
  // Data that the task reads, beside those that are its arguments. Placed where it is expected to
  // begin first: after the wait there and the fetching of what is not there, as far as this home
  // knows. Otherwise as `prefer`, which counts instead where both are given. A task that reads a
  // value of more bytes than SessionOptions::max_cached_bytes runs where it was put, as by
  // `target`.
  std::vector<DataRef> reads = {};
  // The memory (NUMA) domain of the rank that runs it, from 0 on, whose workers are to: they take
  // it before others of its priority, and workers of other domains only where they would idle else.
  // Where `target` has no such domain the task fails; elsewhere it is not heeded then.
  std::optional<int> memory_domain = {};
};

}  // namespace weir
