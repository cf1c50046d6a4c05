#include "tools/run/run_command.hpp"

#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

#include "runtime/mpi/mpi_context.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/run/checked_run_options.hpp"
#include "tools/run/isolated_kernels.hpp"
#include "tools/run/joint_refusal.hpp"
#include "tools/run/mpi_start.hpp"
#include "tools/run/rank_run.hpp"
#include "tools/run/start_limit.hpp"
#include "tools/run/survivors.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

int run_command(const std::vector<std::string>& arguments) {
  RunOptions options;
  std::optional<IsolatedKernels> isolated;
  const std::string refusal = refusal_of([&] {
    options = checked_run_options(arguments);
    if (options.isolation.on) {  // While this process has one thread.
      isolated.emplace(IsolatedKernelsOptions{options.isolation.crash_share, options.seed});
    }
  });
  if (options.help) {
    std::cout << run_help();
    return 0;
  }
  check_mpi_start();
  // From here on a signal waits until the run can heed it.
  const bool can_go_on = !options.resume.empty() || !options.ledger.empty();
  const StopSignal stop({.on_usr1 = can_go_on ? OnUsr1::kPause : OnUsr1::kStop});
  StartLimit limit(options.survive ? kLongestStart : std::chrono::seconds(0));
  const auto mpi = MpiContext::start(MpiThreads::kFunneled);
  end_all_ranks_on_failure();
  if (any_refuses(*mpi, refusal)) return kExitBadInput;
  tell_begun("weir-run", mpi->rank());
  RankRun run(*mpi, std::move(options), isolated ? &*isolated : nullptr);
  if (!run.prepare()) return kExitBadInput;
  keep_freed_memory();
  return run.execute(stop, limit);
}

}  // namespace weir
