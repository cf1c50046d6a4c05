// Where the calling thread runs, and how much it yields to others.

#pragma once

#include <string>

#include "topology/cpuset.hpp"

namespace weir {

// Whether the machine did what was asked; if not, a few words on why.
struct BindingResult {
  bool done = false;
  std::string reason;
};

// Each concerns the calling thread only and costs a system call or two. A refusal (container,
// foreign cpuset) leaves the thread as it was.
BindingResult bind_this_thread(const Cpuset& cpuset);
// Empty when the operating system does not tell.
Cpuset binding_of_this_thread();

// Workers run at a lower priority than the control thread, so that messages overtake tasks when
// cores are short. 0 < nice <= 19; a thread that is already nicer stays so.
inline constexpr int kWorkerNice = 19;
BindingResult lower_thread_priority(int nice = kWorkerNice);

// The control thread computes little at a time and asks to be let in soon: short time slices, which
// let it interrupt a worker when it wakes instead of waiting for the end of the worker's slice.
// Linux 6.12 and newer; older kernels take no notice.
BindingResult ask_for_short_time_slices();

}  // namespace weir
