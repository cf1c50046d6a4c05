#include "tools/experiment/compare_command.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/work_line.hpp"
#include "tools/experiment/comparison_file.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/experiment.hpp"
#include "tools/experiment/outcome_store.hpp"
#include "tools/experiment/paper_preset.hpp"
#include "tools/experiment/trial_pool.hpp"
#include "tools/experiment/whole_file.hpp"

namespace weir {
namespace {

std::filesystem::path with_ending(const std::filesystem::path& name, const char* ending) {
  return name.string() + ending;
}

std::string command_of(const std::vector<std::string>& arguments) {
  std::string command = "weir compare";
  for (const std::string& argument : arguments) {
    if (argument == "--progress" || argument == "--quiet") continue;
    const bool plain = argument.find_first_of(" '\"*;|&$<>()\\") == std::string::npos;
    command += plain && !argument.empty() ? " " + argument : " '" + argument + "'";
  }
  return command;
}

// Refuses what would be overwritten by mistake, or could not be written, before hours are spent.
void check_results_files(const std::filesystem::path& name) {
  std::error_code none;
  for (const char* ending : {".h5", ".md"}) {
    const std::filesystem::path path = with_ending(name, ending);
    // A file is written under another name and takes the place of the one before.
    for (const std::filesystem::path& place : {path, with_ending(path, ".writing")}) {
      if (!std::filesystem::exists(place, none) || std::filesystem::is_regular_file(place, none)) {
        continue;
      }
      throw Error("the results could not be written", place.string() + ": not a plain file",
                  "a free name, or results to replace", "another name with --out");
    }
  }
  const std::filesystem::path results = with_ending(name, ".h5");
  if (std::filesystem::exists(results, none)) (void)read_comparison(results);
}

std::unique_ptr<OutcomeStore> open_store(const CompareOptions& options) {
  if (!options.out) return std::make_unique<OutcomeStore>();
  if (options.out->has_parent_path()) make_folder(options.out->parent_path());
  check_results_files(*options.out);
  return std::make_unique<OutcomeStore>(with_ending(*options.out, ".trials"));
}

void print_results(const ExperimentResults& results, ReportFormat format, std::ostream& out) {
  if (is_paper(results)) print_paper(results, format, out);
  print_report(results, format, out);
}

void write_results(const ExperimentResults& results, const std::filesystem::path& name) {
  write_comparison(results, with_ending(name, ".h5"));
  std::ostringstream markdown;
  print_results(results, ReportFormat::kMarkdown, markdown);
  write_whole_file(with_ending(name, ".md"), markdown.str());
}

int interrupted(const CompareOptions& options, const std::vector<std::optional<Measured>>& done) {
  const auto count = std::ranges::count_if(done, [](const auto& each) { return each.has_value(); });
  std::cerr << "weir-compare: interrupted with " << count << " of " << done.size() << " runs done";
  if (options.out) {
    std::cerr << ", kept in " << with_ending(*options.out, ".trials").string()
              << "; the same command goes on there" << std::endl;
  } else {
    std::cerr << "; with --out NAME they would have been kept" << std::endl;
  }
  return kExitInterrupted;
}

}  // namespace

int compare_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const CompareOptions options = parse_compare_options(arguments);
  if (options.help) {
    out << compare_help();
    return 0;
  }
  if (options.report) {
    print_results(read_comparison(*options.report), ReportFormat::kText, out);
    return 0;
  }
  const std::string command = command_of(arguments);
  Experiment experiment = options.preset.empty()
                              ? plan_experiment(options, read_scenarios(options), command)
                              : plan_paper(options, command);
  const std::unique_ptr<OutcomeStore> store = open_store(options);
  for (const std::string& warning : experiment.warnings) {
    std::cerr << "weir-compare: warning: " << warning << std::endl;
  }
  const StopSignal stop;
  WorkLine line = WorkLine::on_errors("weir-compare", options.quiet, options.progress);
  const auto outcomes = run_trials(experiment.trials, *store,
                                   {.thread_count = options.thread_count, .progress = &line},
                                   [&stop] { return stop.requested(); });
  if (!std::ranges::all_of(outcomes, [](const auto& each) { return each.has_value(); })) {
    return interrupted(options, outcomes);
  }
  const ExperimentResults results = finish_experiment(std::move(experiment), outcomes);
  print_results(results, ReportFormat::kText, out);
  if (options.out) write_results(results, *options.out);
  return 0;
}

}  // namespace weir
