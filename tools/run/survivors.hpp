// What programs whose ranks may die say of it, and how they end. `command` is what begins their
// lines: weir-run, weir-exec.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/control/survival.hpp"
#include "tools/result/run_reactor.hpp"

namespace weir {

// Where the job would be ended when a rank dies, whatever we do: what to say; else empty.
// `value_of` looks up a variable of the environment.
std::string warning_of_no_recovery(const std::function<std::string(const char*)>& value_of);

// The word of `weir launch` for exit_line(); empty where something else has started this rank.
std::string launch_word();

// Tells `weir launch`, where it has started this rank, that MPI has started on all of them.
void tell_begun(const std::string& command, RankId self);

// Tells on stderr of the root who is out, as soon as that is known.
std::unique_ptr<RunObserver> observe_losses(std::string command, RankId self);

// What a rank says that was found to be out, or has lost the others.
std::string fence_report(const std::string& command, const Survival& survival, RankId self);

// Ends this process without MPI_Finalize, which waits for those that are dead.
[[noreturn]] void leave_without_the_others(int exit_code);

}  // namespace weir
