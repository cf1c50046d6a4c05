#include "tools/simulate_command.hpp"

#include <iostream>

#include "tools/run_result.hpp"
#include "tools/simulate_options.hpp"
#include "tools/simulated_run.hpp"

namespace weir {

int simulate_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const SimulateOptions options = parse_simulate_options(arguments);
  if (options.run.help) {
    out << simulate_help();
    return 0;
  }
  for (const std::string& warning : options.run.warnings) {
    std::cerr << "weir-simulate: warning: " << warning << std::endl;
  }
  const RunResult result = simulate(options);
  const std::string overload = overload_warning(result.offered_rate_per_s, *result.bounds);
  if (!overload.empty()) std::cerr << "weir-simulate: warning: " << overload << std::endl;
  if (options.run.json) {
    print_json(result, out);
  } else {
    print_tables(result, out);
  }
  return 0;
}

}  // namespace weir
