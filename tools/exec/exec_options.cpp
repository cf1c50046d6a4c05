#include "tools/exec/exec_options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <filesystem>
#include <map>
#include <system_error>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/process/group_keeper.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

const std::string kExample = "weir exec tasks.txt, or weir exec -- gzip {} ::: a.txt b.txt";

po::options_description described_options() {
  po::options_description all("Options");
  auto add = all.add_options();
  add("args-file,a", po::value<std::string>(),
      "read the values of {} from this file, one a line; - is standard input");
  add("null,0", po::bool_switch(), "values or commands end with a NUL byte in place of a line end");
  add("timeout", po::value<std::string>(), "end a command that runs longer, for example 30s or 2h");
  add("retries", po::value<std::string>(), "further attempts for a command that fails (default 0)");
  add("memory", po::value<std::string>(),
      "what a command needs, for example 2GB: noted with each, not yet heeded");
  add("halt", po::value<std::string>(),
      "soon,fail=N: take no further commands once N have failed; now,fail=N: end those that run, "
      "too (default never)");
  add("keep-order,k", po::bool_switch(), "print output in the order of the commands");
  add("logs", po::value<std::string>(),
      "write the output of command N to N.out and N.err in this folder instead");
  add("output", po::value<std::string>(),
      "write all output to this file instead, and to FILE.index where each command's lies");
  add("joblog", po::value<std::string>(), "write a line about each command to this file");
  add("survive", po::bool_switch(),
      "commands of ranks that die are run again by the others; `weir launch` sees to it that they "
      "can");
  add("ledger", po::value<std::string>(),
      "note in this folder which commands have succeeded; the same command goes on where it "
      "stopped");
  add("policy", po::value<std::string>(),
      "placement rule; `weir policies` lists them (default "
      "shortest_expected_delay+work_stealing)");
  add("workers,j", po::value<std::string>(),
      "commands at a time on each rank (default: one for each core of its share)");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but output, warnings and errors");
  add("dry-run", po::bool_switch(), "print the commands, run none");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

OptionValue value_of(const po::variables_map& given, const std::string& name,
                     const std::string& example) {
  return {name, given[name].as<std::string>(), example};
}

// Empty where it was not given.
std::string text_of(const po::variables_map& given, const std::string& name) {
  if (!given.count(name)) return {};
  std::string text = given[name].as<std::string>();
  if (text.empty()) {
    throw Error("the value of --" + name + " is empty", "--" + name + "=\"\"", "a path",
                "leaving --" + name + " out, or quoting a variable that is set");
  }
  return text;
}

bool are_same(const std::string& a, const std::string& b) {
  std::error_code none;
  if (std::filesystem::equivalent(a, b, none)) return true;
  return std::filesystem::weakly_canonical(a, none) == std::filesystem::weakly_canonical(b, none);
}

// Writing begins before all is read, and would destroy what is to be run.
void refuse_files_of_two_uses(const ExecOptions& options) {
  std::vector<std::pair<std::string, std::string>> files;
  const auto add = [&files](const std::string& use, const std::string& path) {
    if (!path.empty() && path != "-") files.emplace_back(use, path);
  };
  add("the list of commands", options.list);
  add("--args-file", options.values_file);
  add("--joblog", options.job_log);
  add("--output", options.output);
  if (!options.output.empty()) add("the index of --output", options.output + ".index");
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!are_same(files[i].second, files[j].second)) continue;
      throw Error("one file is to serve two uses",
                  files[i].second + " for " + files[j].first + " and " + files[i].first,
                  "a file for each", "another path behind --joblog or --output");
    }
  }
}

std::uint64_t memory_of(const OptionValue& value) {
  static const Units units{{"", 1}, {"B", 1}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}};
  const std::optional<double> bytes = quantity_in(value.text, units);
  if (bytes && *bytes >= 0 && *bytes <= 1e18) return static_cast<std::uint64_t>(*bytes);
  throw Error("the value of --memory cannot be used", "\"" + value.text + "\"",
              "a size in B, KB, MB, GB or TB (plain numbers are bytes)", "--memory 2GB");
}

HaltRule halt_of(const OptionValue& value) {
  if (value.text == "never") return {};
  const std::size_t at = value.text.find(",fail=");
  const std::string when = value.text.substr(0, at);
  if (at == std::string::npos || (when != "soon" && when != "now")) {
    throw Error("the value of --halt cannot be used", "\"" + value.text + "\"",
                "never, soon,fail=N or now,fail=N", "--halt soon,fail=1");
  }
  const OptionValue count{"halt", value.text.substr(at + 6), "soon,fail=1"};
  return {whole_number_of(count, {1, 1e15}), when == "now"};
}

// What stands behind "--": the words of the template, and values behind ":::".
void read_template(const std::vector<std::string>& given, ExecOptions& options) {
  const auto divider = std::ranges::find(given, ":::");
  options.words.assign(given.begin(), divider);
  if (divider != given.end()) options.values.assign(divider + 1, given.end());
  if (std::ranges::find(options.values, ":::") != options.values.end()) {
    throw Error("weir exec puts one value into a command", "two times :::", "one :::",
                "a list of whole commands, as a shell loop prints it: ... | weir exec -");
  }
  if (options.words.empty()) {
    throw Error("there is no command to put values into", "nothing behind --",
                "a command behind --", kExample);
  }
  if (options.values_file.empty() && divider == given.end()) {
    throw Error("there is nothing to put into the command", "neither ::: nor --args-file",
                "::: with values behind it, or --args-file FILE (- is standard input)", kExample);
  }
  if (!options.values_file.empty() && divider != given.end()) {
    throw Error("values come from two places", "::: and --args-file", "one of them",
                "leaving out --args-file");
  }
}

void read_what_to_run(const po::variables_map& given, bool has_template, ExecOptions& options) {
  options.list = text_of(given, "list");
  options.values_file = text_of(given, "args-file");
  options.nul_separated = given["null"].as<bool>();
  if (has_template && !options.list.empty()) {
    throw Error("commands come from two places", options.list + " and a command behind --",
                "one of them", kExample);
  }
  if (has_template) return;
  if (options.list.empty()) {
    throw Error("there is nothing to run", "neither a list of commands nor a command behind --",
                "a file with a shell command on each line, or - for standard input", kExample);
  }
  if (!options.values_file.empty()) {
    throw Error("there is no command to put values into", "--args-file and no --",
                "a command behind --", "weir exec --args-file FILE -- gzip {}");
  }
}

void read_output(const po::variables_map& given, ExecOptions& options) {
  options.keep_order = given["keep-order"].as<bool>();
  options.logs = text_of(given, "logs");
  options.output = text_of(given, "output");
  options.job_log = text_of(given, "joblog");
  options.survive = given["survive"].as<bool>();
  options.ledger = text_of(given, "ledger");
  options.progress = given["progress"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  options.dry_run = given["dry-run"].as<bool>();
  if (!options.logs.empty() && !options.output.empty()) {
    throw Error("output is to go to two places", "--logs and --output", "one of them",
                "leaving out --output");
  }
  if (options.keep_order && (!options.logs.empty() || !options.output.empty())) {
    throw Error("output that is not printed has no order", "--keep-order with --logs or --output",
                "one of them: files are found by the number of the command",
                "leaving out --keep-order");
  }
}

}  // namespace

ExecOptions parse_exec_options(const std::vector<std::string>& arguments) {
  const auto divider = std::ranges::find(arguments, "--");
  po::options_description described = described_options();
  described.add_options()("list", po::value<std::string>());
  const po::variables_map given =
      read_command_line({arguments.begin(), divider}, described,
                        {"exec", "list", 1, "options of weir exec, and one list of commands"});
  ExecOptions options;
  options.help = given["help"].as<bool>();
  if (options.help) return options;
  read_what_to_run(given, divider != arguments.end(), options);
  if (divider != arguments.end()) read_template({divider + 1, arguments.end()}, options);
  read_output(given, options);
  refuse_files_of_two_uses(options);
  if (given.count("timeout"))
    options.time_limit = duration_of(value_of(given, "timeout", "30s"), {1e-3, 1e8});
  if (given.count("retries"))
    options.retries = static_cast<int>(whole_number_of(value_of(given, "retries", "2"), {0, 1000}));
  if (given.count("memory")) options.memory_bytes = memory_of(value_of(given, "memory", "2GB"));
  if (given.count("halt")) options.halt = halt_of(value_of(given, "halt", "soon,fail=1"));
  if (given.count("policy")) options.policy = given["policy"].as<std::string>();
  make_policy(options.policy, {});
  if (given.count("workers"))
    options.workers = static_cast<int>(
        whole_number_of(value_of(given, "workers", "4"), {1, GroupKeeper::kMostGroups}));
  return options;
}

std::string exec_help() {
  std::ostringstream text;
  text
      << "usage: weir exec [options] FILE|-\n"
         "       weir exec [options] -- COMMAND [ARGUMENT ...] ::: VALUE ...\n"
         "       weir exec [options] --args-file FILE|- -- COMMAND [ARGUMENT ...]\n\n"
         "Runs commands on all ranks of the job, and prints the output of each when it has ended,\n"
         "whole. A list has a shell command on each line; blank lines count for nothing. A "
         "command\n"
         "behind -- runs once for each value, without a shell: {} is the value, {.} the same "
         "without\n"
         "its extension, {/} without its folders, {//} its folder, {/.} without both, {#} the "
         "number\n"
         "of the command; where none of them stands the value is the last argument.\n\n"
      << described_options()
      << "\nExit codes: 0 all commands succeeded, 1 to 100 so many failed, 101 more than 100 "
         "failed,\n2 bad input, 130 interrupted. Ctrl-C: no further commands, those that run get "
         "to their\nend; once more: they are ended.\n";
  return text.str();
}

}  // namespace weir
