// A child process: started in a process group of its own with a clean environment, waited for, and
// the whole group ended with it.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/process/child_watch.hpp"
#include "runtime/process/group_keeper.hpp"

namespace weir {

// What many children have in common.
struct ChildSurroundings {
  std::string folder;                    // where it runs; empty: where its parent does
  std::vector<std::string> environment;  // "NAME=VALUE"; none of the parent's own
};

struct ChildSpec {
  // At least one. The first is looked up in the PATH of the environment, as execvp() does; a text
  // file that is no program is run by /bin/sh, likewise.
  std::vector<std::string> words;
  // Descriptors for its standard streams.
  int input = 0;
  int output = 1;
  int errors = 2;
  std::optional<Duration> time_limit;  // none: it may run for ever
};

struct ChildEnd {
  int start_error = 0;  // errno where it could not be started; then nothing else is set
  int exit_code = 0;
  int signal = 0;  // that ended it; zero: it ended by itself
  EndedBy ended_by = EndedBy::kItself;
  Duration user_time{0};  // of it and all that it waited for
  Duration system_time{0};
  std::uint64_t most_resident_bytes = 0;
};

// The parts of a rank that care for children; they outlive the children. `place` is where this one
// is noted, and no other one at the same time.
struct ChildCare {
  ChildWatch& watch;
  std::atomic<pid_t>& place;
};

// Runs it to its end on the calling thread. What its process group still holds then is killed, so
// that nothing goes on unseen; what has left the group (a daemon) stays. The child is killed when
// its parent or the calling thread ends before it. In the child the signals that weir handles or
// ignores are at their default, none is blocked, and descriptors beyond the three are closed. Any
// thread; a start costs a vfork and an exec.
ChildEnd run_child(const ChildSpec& spec, const ChildSurroundings& surroundings,
                   const ChildCare& care);

}  // namespace weir
