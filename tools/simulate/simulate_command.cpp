#include "tools/simulate/simulate_command.hpp"

#include <iostream>
#include <optional>
#include <vector>

#include "ml/inference/weight_file.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/work_line.hpp"
#include "tools/result/run_result.hpp"
#include "tools/simulate/simulate_options.hpp"
#include "tools/simulate/simulated_run.hpp"
#include "tools/simulate/simulation_line.hpp"
#include "tools/simulate/stop_watch.hpp"
#include "tools/simulate/world_record.hpp"

namespace weir {
namespace {

void print(const SimulateOptions& options, const RunResult& result, std::ostream& out) {
  const std::string overload = overload_warning(result.offered_rate_per_s, *result.bounds);
  if (!overload.empty()) std::cerr << "weir-simulate: warning: " << overload << std::endl;
  if (result.world->jammed) {
    std::cerr << "weir-simulate: warning: the network cannot carry what is sent, and so the run "
                 "would not end:\nit was ended with over 100000 messages on their way and "
              << result.world->lost
              << " tasks lost. A higher bandwidth,\nshorter delays or rarer reports let it end."
              << std::endl;
  }
  if (options.run.json) {
    print_json(result, out);
  } else {
    print_tables(result, out);
  }
  out << std::flush;
}

// A stop or a full disk ends the run and leaves no record; after a stop what was done until then is
// the result.
int run_world(const SimulateOptions& options, std::ostream& out) {
  const auto& path = options.run.online.save_weights;
  if (!path.empty()) check_place_of_weights(path);
  const StopSignal stop;
  StopWatch stopping([&stop] { return stop.requested(); });
  WorkLine line = WorkLine::on_errors("weir-simulate", options.run.quiet, options.run.progress);
  SimulationLine progress(options.run.duration, line);
  std::vector<SimulationWatch*> watches{&stopping, &progress};
  std::optional<WorldRecord> record;
  if (options.run.record) watches.push_back(&record.emplace(options));
  const RunResult result = simulate(options, watches);
  line.clear();
  if (stop.requested() && result.interrupted) {
    std::cerr << "weir-simulate: interrupted" << (record ? "; nothing is recorded" : "")
              << std::endl;
    print(options, result, out);
    return kExitInterrupted;
  }
  // The result first: a record that cannot be written must not cost it.
  if (!result.interrupted) print(options, result, out);
  if (record) record->finish();
  if (!path.empty() && result.most_learned() != nullptr) {
    if (!save_weights(*result.most_learned(), path)) tell_nothing_learned("weir-simulate", path);
  }
  return 0;
}

}  // namespace

int simulate_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const SimulateOptions options = parse_simulate_options(arguments);
  if (options.run.help) {
    out << simulate_help();
    return 0;
  }
  for (const std::string& warning : options.run.warnings) {
    std::cerr << "weir-simulate: warning: " << warning << std::endl;
  }
  return run_world(options, out);
}

}  // namespace weir
