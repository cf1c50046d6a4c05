// The `weir` program: one subcommand, one file.

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/session/version.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/exec/exec_command.hpp"
#include "tools/exec/exec_options.hpp"
#include "tools/experiment/compare_command.hpp"
#include "tools/experiment/explain_command.hpp"
#include "tools/experiment/tune_command.hpp"
#include "tools/inspect/streams_command.hpp"
#include "tools/inspect/topology_command.hpp"
#include "tools/launch/launch_command.hpp"
#include "tools/launch/reach_command.hpp"
#include "tools/launch/submit_command.hpp"
#include "tools/learning/evaluate_command.hpp"
#include "tools/learning/evaluate_options.hpp"
#include "tools/learning/train_command.hpp"
#include "tools/learning/train_options.hpp"
#include "tools/run/run_command.hpp"
#include "tools/run/survivors.hpp"
#include "tools/run/survivors_line.hpp"
#include "tools/settings/run_options.hpp"
#include "tools/simulate/bounds_command.hpp"
#include "tools/simulate/simulate_command.hpp"

namespace weir {
namespace {

using Arguments = std::vector<std::string>;

struct Subcommand {
  std::string description;
  std::function<int(const Arguments&)> call;
};

int policies_command(const Arguments& arguments) {
  if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
    std::cout
        << "usage: weir policies\n\nLists the placement rules that --policy of `weir run` and "
           "`weir simulate` takes, and what can be set of each."
        << std::endl;
    return 0;
  }
  if (!arguments.empty()) {
    throw Error("weir policies takes no arguments", arguments.front(), "nothing", "weir policies");
  }
  for (const PolicyInfo& policy : policy_catalogue()) {
    std::cout << std::left << std::setw(42) << policy.name << policy.description << '\n';
    for (const PolicyParameter& parameter : policy_parameters(policy.name)) {
      std::ostringstream value;
      value << "  " << parameter.name << '=' << parameter.standard << "  (" << parameter.least
            << " to " << parameter.most << (parameter.whole ? ", whole)" : ")");
      std::cout << std::left << std::setw(42) << value.str() << parameter.description << '\n';
    }
  }
  std::cout << "\nNAME:key=value,key=value sets parameters, shown with their standard value and "
               "range.\nNAME+work_stealing lets idle nodes take queued tasks from loaded ones, "
               "whatever NAME is.\nweir simulate also has the oracle, which knows what no real run "
               "can.\n";
  return 0;
}

// Defined below: it looks for the name among all.
void check_submitted(const Arguments& arguments);

const std::map<std::string, Subcommand>& subcommands() {
  static const std::map<std::string, Subcommand> all{
      {"run", {"process streams of tasks on all ranks of the job", run_command}},
      {"exec", {"run commands of a list on all ranks of the job", exec_command}},
      {"launch", {"start another subcommand under mpirun", launch_command}},
      {"reach", {"start a program that reaches another host, for weir launch", reach_command}},
      {"topology",
       {"show this machine and how ranks would share it",
        [](const Arguments& arguments) { return topology_command(arguments, std::cout); }}},
      {"submit",
       {"submit a job of Slurm that runs another subcommand",
        [](const Arguments& arguments) {
          return submit_command(arguments, check_submitted, std::cout);
        }}},
      {"streams",
       {"show the statistics of streams and traces",
        [](const Arguments& arguments) { return streams_command(arguments, std::cout); }}},
      {"simulate",
       {"run a scenario in virtual time",
        [](const Arguments& arguments) { return simulate_command(arguments, std::cout); }}},
      {"compare",
       {"compare policies on the same tasks in virtual time",
        [](const Arguments& arguments) { return compare_command(arguments, std::cout); }}},
      {"train",
       {"learn weights, such as those of the forecaster",
        [](const Arguments& arguments) { return train_command(arguments, std::cout); }}},
      {"tune",
       {"find good parameters of policies",
        [](const Arguments& arguments) { return tune_command(arguments, std::cout); }}},
      {"evaluate",
       {"compare what was learned with what it has to beat",
        [](const Arguments& arguments) { return evaluate_command(arguments, std::cout); }}},
      {"explain",
       {"show why a task went where it went, from a record",
        [](const Arguments& arguments) { return explain_command(arguments, std::cout); }}},
      {"bounds",
       {"show what no placement rule can beat in a scenario",
        [](const Arguments& arguments) { return bounds_command(arguments, std::cout); }}},
      {"policies", {"list the placement rules", policies_command}}};
  return all;
}

std::string usage() {
  std::string text = "usage: weir SUBCOMMAND [options]\n\n";
  for (const auto& [name, subcommand] : subcommands()) {
    text += "  " + name + std::string(12 - name.size(), ' ') + subcommand.description + '\n';
  }
  return text + "\n`weir SUBCOMMAND --help` says more; `weir --version` prints the version.\n";
}

const Subcommand& subcommand_of(const std::string& name) {
  const auto subcommand = subcommands().find(name);
  if (subcommand != subcommands().end()) return subcommand->second;
  std::string known;
  for (const auto& [each, description] : subcommands()) known += (known.empty() ? "" : ", ") + each;
  throw Error(name.empty() ? "no subcommand is given" : "there is no such subcommand",
              name.empty() ? "nothing" : name, "one of " + known, "weir --help");
}

void check_submitted(const Arguments& arguments) {
  const std::string& name = arguments.front();
  const Arguments own(arguments.begin() + 1, arguments.end());
  if (name == "launch" || name == "submit" || name == "reach") {
    throw Error("a job of Slurm starts its ranks itself", "weir " + name + " in a job",
                "a subcommand that runs on ranks", "weir submit --nodes=4 -- run --stream finance");
  }
  subcommand_of(name);
  if (name == "run") parse_run_options(own, weir_environment());
  if (name == "exec") parse_exec_options(own);
  if (name == "train") parse_train_options(own);
  if (name == "evaluate") parse_evaluate_options(own);
}

int dispatch(const Arguments& arguments) {
  const std::string name = arguments.empty() ? "" : arguments.front();
  if (name == "--version") {
    std::cout << "weir " << kVersion << '\n';
    return 0;
  }
  if (name == "help" && arguments.size() > 1) return dispatch({arguments[1], "--help"});
  if (name == "--help" || name == "-h" || name == "help") {
    std::cout << usage();
    return 0;
  }
  const Subcommand& subcommand = subcommand_of(name);
  // `weir run` and `weir exec` drain when they are stopped; the others have nothing to finish. What
  // `weir launch` starts must not inherit it: until it is mpirun, a stop would end it without a
  // result.
  if (name != "run" && name != "exec" && name != "launch")
    std::signal(kStopFromLauncher, [](int) { _exit(kExitInterrupted); });
  return subcommand.call({arguments.begin() + 1, arguments.end()});
}

// Under MPI every rank finds the same mistake; only the first one tells.
bool tells_errors() {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  return rank == nullptr || std::string(rank) == "0";
}

void report(const std::string& name, const Error& error) {
  if (tells_errors()) {
    std::cerr << name << ": " << error.report() << std::endl;
    return;
  }
  // mpirun ends all ranks when the first one fails: not before it has been told why.
  std::this_thread::sleep_for(std::chrono::seconds(2));
}

// With --enable-recovery mpirun returns 0, whatever its ranks return.
int tell_exit_code(const std::string& name, int exit_code) {
  const char* const recovery = std::getenv("OMPI_MCA_orte_enable_recovery");
  const bool is_rank = std::getenv("OMPI_COMM_WORLD_RANK") != nullptr;  // and not `weir reach`
  const bool is_unseen = is_rank && recovery != nullptr && std::string(recovery) == "1";
  const std::string word = launch_word();
  if (is_unseen && (exit_code != 0 || !word.empty()) && tells_errors()) {
    std::cerr << exit_line(name, word, exit_code) << std::flush;
  }
  return exit_code;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string name = arguments.empty() ? "weir" : "weir-" + arguments.front();
  // A file that may not grow further is told by the write that fails, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const int exit_code = weir::dispatch(arguments);
    if (!std::cout.flush() && weir::tells_errors()) {
      throw weir::Error("the output could not be written", "standard output is full or closed",
                        "room for it", "writing it to another place");
    }
    return weir::tell_exit_code(name, exit_code);
  } catch (const weir::Error& error) {
    weir::report(name, error);
    return weir::tell_exit_code(name, weir::kExitBadInput);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
