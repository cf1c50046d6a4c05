#include "tools/settings/run_options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/policy_name.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"
#include "tools/settings/capacity_settings.hpp"

extern char** environ;

namespace weir {
namespace {

namespace po = boost::program_options;

// Far more than all options together take.
constexpr std::size_t kMostConfigBytes = 1 << 20;

// Set by weir itself or read by its scripts: no options.
const std::set<std::string> kOtherVariables{
    "WEIR_TERMINAL",  "WEIR_TERMINAL_COLUMNS", "WEIR_LAUNCHED", "WEIR_TRACES_DIR",
    "WEIR_BUILD_DIR", "WEIR_PROGRAM",          "WEIR_LAUNCHER", "WEIR_RANKS_PER_NODE"};

po::options_description described_options() {
  po::options_description all("weir run: processes streams of tasks on all ranks of the job");
  auto add = all.add_options();
  add("stream", po::value<std::vector<std::string>>(),
      "finance, social or iot, or NAME:PRESET; may be repeated");
  add("trace", po::value<std::vector<std::string>>(),
      "replay this CSV or CSV.gz file; may be repeated");
  add("traces-folder", po::value<std::string>(),
      "where relative paths of traces begin (default: here, or else WEIR_TRACES_DIR)");
  add("policy", po::value<std::string>(),
      "placement rule (default learned); `weir policies` lists them");
  add("weights", po::value<std::string>(),
      "what the policy `learned` goes by: a file of `weir train` (default: what comes with weir)");
  add("control", po::value<std::string>(),
      "by what coordinators of `learned` price nodes: none (default) or a file of `weir train "
      "control`");
  add("limit-control", po::value<std::string>(),
      "what corrects the class limits that nodes find: none (default) or a file of `weir train "
      "control --level node`");
  add("duration", po::value<std::string>(),
      "stream time, for example 30, 500ms or 2min (default 10s; a trace: all of it)");
  add("rate", po::value<std::string>(), "tasks per second of all streams together (default 400)");
  add("load", po::value<std::string>(),
      "instead of a rate: offered load as a share of the capacity, for example 0.7");
  add("time-scale", po::value<std::string>(),
      "how many times faster a trace is replayed (default 1)");
  add("work-scale", po::value<std::string>(), "multiplies the work of every task (default 1)");
  describe_load_options(all);
  describe_capacity_options(all);
  describe_plan_demand(all);
  describe_online_options(all);
  add("seed", po::value<std::string>(), "governs streams, policies and emulation (default 1)");
  add("emulate", po::value<std::string>(),
      "tasks take time without computing: paper50, or nodes=24x0.9*20,...;work_ms=...");
  add("workers", po::value<std::string>(),
      "worker threads per rank (default: one per core of its share)");
  add("dispatchers", po::value<std::string>(), "ranks that submit tasks (default: all, at most 8)");
  add("retries", po::value<std::string>(), "further attempts for a task that fails (default 0)");
  add("inject-failures", po::value<std::string>(),
      "make this share of the tasks fail, for trying what happens then (default 0)");
  describe_isolation_options(all);
  add("report-interval", po::value<std::string>(),
      "time between reports of a node (default: 2 ms per node, 20 to 100 ms)");
  describe_tree_options(all);
  add("record", po::value<std::string>(), "write the run to this HDF5 file");
  add("record-share", po::value<std::string>(),
      "share of the tasks that are recorded one by one (default 1)");
  add("record-placements", po::bool_switch(),
      "record what was known of every node when they were placed; `weir explain` shows it");
  add("resume", po::value<std::string>(),
      "keep the position of the run in this file after SIGUSR1 (exit code 75), and go on there");
  add("ledger", po::value<std::string>(),
      "write down in this folder what is done: a run that was stopped or killed goes on from "
      "there");
  add("check-invariants", po::bool_switch(),
      "each rank checks in every round what must always hold; slow, ends the run where it does "
      "not");
  add("survive", po::bool_switch(),
      "when ranks die, the others do their tasks and finish; `weir launch` sees to it that they "
      "can");
  add("json", po::bool_switch(), "print one JSON object on stdout instead of the tables");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("config", po::value<std::string>(), "INI file of these options, one NAME = VALUE per line");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

OptionValue value_of(const po::variables_map& given, const std::string& name,
                     const std::string& example) {
  return {name, given[name].as<std::string>(), example};
}

std::string config_text(const std::string& path) {
  const auto refuse = [&path](const std::string& found) {
    throw Error("the configuration file cannot be read", path + ": " + found,
                "a readable text file of at most " + std::to_string(kMostConfigBytes) +
                    " bytes, one NAME = VALUE per line",
                "--config with the path of such a file");
  };
  std::error_code error;
  // A device may never end, and a pipe never begin.
  if (!std::filesystem::is_regular_file(path, error)) {
    refuse(std::filesystem::exists(path, error) ? "not a plain file" : "no such file");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(kMostConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) refuse("not readable");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostConfigBytes) refuse("a larger file");
  const auto is_binary = [](char c) { return c >= 0 && c < ' ' && !std::strchr("\t\r\n", c); };
  if (text.find('\0') != std::string::npos || std::ranges::any_of(text, is_binary)) {
    refuse("a binary file");
  }
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // The byte order mark of Windows.
  return text;
}

void read_config(const std::string& path, const po::options_description& all,
                 po::variables_map& given) {
  std::istringstream in(config_text(path));
  po::store(po::parse_config_file(in, all), given);
}

// WEIR_TIME_SCALE is --time-scale.
std::string option_of(const std::string& variable) {
  std::string name = variable.substr(5);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return name;
}

void read_environment(const std::vector<std::pair<std::string, std::string>>& environment,
                      const po::options_description& all, po::variables_map& given) {
  po::parsed_options parsed(&all);
  for (const auto& [variable, value] : environment) {
    if (kOtherVariables.contains(variable)) continue;
    const std::string name = option_of(variable);
    if (all.find_nothrow(name, false) == nullptr || name == "help") {
      throw Error("an unknown WEIR_ variable is set", variable + "=" + value,
                  "WEIR_ followed by an option of weir run, as WEIR_POLICY", "unset " + variable);
    }
    parsed.options.emplace_back(name, std::vector<std::string>{value});
  }
  po::store(parsed, given);
}

void read_work(const po::variables_map& given, RunOptions& options) {
  if (given.count("stream")) options.streams = given["stream"].as<std::vector<std::string>>();
  if (given.count("trace")) {
    for (const auto& path : given["trace"].as<std::vector<std::string>>())
      options.traces.emplace_back(path);
  }
  if (given.count("traces-folder"))
    options.traces_folder = given["traces-folder"].as<std::string>();
  if (given.count("duration"))
    options.duration = duration_of(value_of(given, "duration", "30s"), kStreamTime);
  if (given.count("rate"))
    options.rate_per_s =
        number_of(value_of(given, "rate", "1000"), "tasks per second,", kTasksPerSecond);
  if (given.count("load"))
    options.load = number_of(value_of(given, "load", "0.7"), "a share of the capacity", {1e-6, 10});
  if (given.count("time-scale"))
    options.time_scale = number_of(value_of(given, "time-scale", "10"), "a factor", kTimeScale);
  if (given.count("work-scale"))
    options.work_scale = number_of(value_of(given, "work-scale", "2"), "a factor", {1e-6, 1e4});
  if (given.count("seed")) options.seed = whole_number_of(value_of(given, "seed", "1"), kSeed);
  if (given.count("inject-failures"))
    options.failure_share =
        number_of(value_of(given, "inject-failures", "0.01"), "a share", {0, 1});
  if (given.count("rate") && given.count("load")) {
    throw Error("both a rate and a load are given", "--rate and --load", "one of them",
                "leaving out --rate");
  }
}

void read_machine(const po::variables_map& given, RunOptions& options) {
  if (given.count("policy")) options.policy = given["policy"].as<std::string>();
  if (given.count("weights")) options.weights = given["weights"].as<std::string>();
  if (given.count("control")) options.control = given["control"].as<std::string>();
  if (given.count("limit-control")) {
    options.limit_control = given["limit-control"].as<std::string>();
  }
  if (given.count("emulate")) options.emulate = given["emulate"].as<std::string>();
  if (given.count("emulate") && options.emulate.empty()) {
    throw Error("the value of --emulate cannot be used", "an empty text",
                "a description of nodes, or no --emulate: then tasks compute",
                "--emulate paper50, or --emulate nodes=8x1*4");
  }
  const auto count_of = [&given](const std::string& name, OptionBounds bounds) {
    return static_cast<int>(whole_number_of(value_of(given, name, "2"), bounds));
  };
  if (given.count("workers")) options.workers = count_of("workers", {1, 4096});
  if (given.count("dispatchers")) options.dispatchers = count_of("dispatchers", {1, 1e6});
  if (given.count("retries")) options.retries = count_of("retries", {0, 1000});
  if (given.count("report-interval"))
    options.report_interval =
        duration_of(value_of(given, "report-interval", "100ms"), {1e-3, 3600});
  if (given.count("workers") && !options.emulate.empty()) {
    throw Error("both worker threads and emulation are asked for", "--workers and --emulate",
                "one of them: emulated nodes have the cores that SPEC gives them",
                "leaving out --workers");
  }
  if (options.failure_share > 0 && !options.emulate.empty()) {
    throw Error("failures cannot be injected into emulated work", "--inject-failures and --emulate",
                "tasks that compute, for a failure to happen in", "leaving out --emulate");
  }
}

void read_output(const po::variables_map& given, RunOptions& options) {
  options.record_placements = given["record-placements"].as<bool>();
  options.check_invariants = given["check-invariants"].as<bool>();
  options.survive = given["survive"].as<bool>();
  if (given.count("resume")) options.resume = given["resume"].as<std::string>();
  if (given.count("ledger")) options.ledger = given["ledger"].as<std::string>();
  for (const auto& [name, value] :
       {std::pair("resume", &options.resume), std::pair("ledger", &options.ledger)}) {
    if (!given.count(name) || !value->empty()) continue;
    const std::string option = std::string("--") + name;
    throw Error("the value of " + option + " is empty", option + "=\"\"", "a path",
                "leaving " + option + " out, or quoting a variable that is set");
  }
  if (!options.resume.empty() && !options.ledger.empty()) {
    throw Error("both a position and a ledger are to be kept", "--resume and --ledger",
                "one of them: with a ledger SIGUSR1 pauses a run, too", "leaving out --resume");
  }
  if (given.count("record")) options.record = given["record"].as<std::string>();
  if (given.count("record-share"))
    options.record_share = number_of(value_of(given, "record-share", "0.1"), "a share", {0, 1});
  options.json = given["json"].as<bool>();
  options.progress = given["progress"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
}

// Told, not refused: an option that one kind of run needs may sit in the environment or in a file
// for other kinds of run, too.
std::vector<std::string> options_without_effect(const po::variables_map& given,
                                                const RunOptions& options) {
  std::vector<std::string> warnings;
  const auto warn_if = [&warnings](bool without_effect, const std::string& text) {
    if (without_effect) warnings.push_back(text);
  };
  warn_if(given.count("rate") && options.streams.empty(),
          "--rate has no effect without --stream: traces have their own");
  warn_if(given.count("time-scale") && options.traces.empty(),
          "--time-scale has no effect without --trace");
  warn_if(given.count("time-scale") && !options.traces.empty() && options.load,
          "--time-scale has no effect with --load, which sets how fast traces are replayed");
  warn_if(options.record_placements && !options.record,
          "--record-placements has no effect without --record");
  warn_if(!options.loads.shares.empty() && options.streams.empty(),
          "--share has no effect without --stream: traces have their own rates");
  warn_if(options.loads.overflow == Overflow::kDrop && !options.loads.max_in_flight,
          "--overflow=drop without --max-in-flight drops only beyond the standard limit");
  warn_if(options.loads.queue.drop_late && options.loads.deadlines.empty(),
          "--drop-late has no effect without --deadline");
  const QueueOptions& queue = options.loads.queue;
  const auto some_class_has = [&queue](QueueOrder order) {
    return queue.order == order ||
           std::ranges::find(queue.class_orders, order) != queue.class_orders.end();
  };
  warn_if(some_class_has(QueueOrder::kEarliestDeadline) && options.loads.deadlines.empty(),
          "--queue-order=earliest_deadline has no effect without --deadline");
  warn_if(some_class_has(QueueOrder::kShortestFirst) && !options.loads.size_hints,
          "--queue-order=shortest_first has no effect without --size-hints");
  warn_if(given.count("record-share") && !options.record,
          "--record-share has no effect without --record");
  warn_if(options.retries > 0 && !options.emulate.empty(),
          "--retries has no effect with --emulate: tasks that do not compute do not fail");
  for (const char* option : {"fan-out", "cluster-size", "switches", "coordinators"}) {
    warn_if(given.count(option) && !follows_tree(options),
            std::string("--") + option + " has no effect without --policy=tree or learned");
  }
  warn_if(given.count("weights") && !is_learned(options.policy),
          "--weights has no effect without --policy=learned");
  warn_if(given.count("control") && !is_learned(options.policy),
          "--control has no effect without --policy=learned");
  warn_if(given.count("limit-control") && !options.loads.node_control->limits,
          "--limit-control has no effect without limits in --node-control");
  for (std::string& text : without_effect(given, options.capacity)) {
    warnings.push_back(std::move(text));
  }
  std::string unplanned = without_effect(options.plan_demand, options.policy, options.control);
  if (!unplanned.empty()) warnings.push_back(std::move(unplanned));
  for (std::string& text : without_effect(options.online, options.policy)) {
    warnings.push_back(std::move(text));
  }
  warn_if(options.progress && options.quiet, "--progress has no effect with --quiet");
  return warnings;
}

po::variables_map parse_all(const std::vector<std::string>& arguments,
                            const std::vector<std::pair<std::string, std::string>>& environment) {
  const po::options_description all = described_options();
  po::variables_map given;
  // Without guessing: --strea is a mistake. Positional words are mistakes, too.
  const auto style =
      po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  const auto parsed =
      po::command_line_parser(arguments).options(all).style(style).positional({}).run();
  po::store(parsed, given);
  read_environment(environment, all, given);
  if (given.count("config")) read_config(given["config"].as<std::string>(), all, given);
  return given;
}

}  // namespace

bool follows_tree(const RunOptions& options) {
  return is_learned(options.policy) || parse_policy_name(options.policy).placing == "tree";
}

RunOptions parse_run_options(const std::vector<std::string>& arguments,
                             const std::vector<std::pair<std::string, std::string>>& environment) {
  RunOptions options;
  try {
    const po::variables_map given = parse_all(arguments, environment);
    options.help = given["help"].as<bool>();
    if (options.help) return options;
    read_work(given, options);
    options.loads = read_load_options(given);
    options.capacity = read_capacity_options(given);
    options.plan_demand = read_plan_demand(given);
    options.online = read_online_options(given);
    read_machine(given, options);
    options.isolation = read_isolation_options(given);
    options.tree = read_tree_options(given);
    if (given.count("switches")) options.switches = given["switches"].as<std::string>();
    read_output(given, options);
    if (!options.loads.node_control) {
      options.loads.node_control.emplace();
      if (follows_tree(options)) *options.loads.node_control = {true, true, true};
    }
    options.warnings = options_without_effect(given, options);
    for (const auto& [variable, value] : environment) {
      if (variable == kTracesVariable) options.more_traces = value;
    }
  } catch (const po::error& error) {
    throw Error("the options of weir run cannot be read", words_of(error),
                "options as `weir run --help` lists them", "weir run --help");
  }
  if (options.streams.empty() && options.traces.empty()) {
    throw Error("there is nothing to run", "neither --stream nor --trace", "at least one of them",
                "--stream finance");
  }
  return options;
}

std::vector<std::pair<std::string, std::string>> as_text(const RunOptions& options) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& stream : options.streams) all.emplace_back("stream", stream);
  for (const auto& trace : options.traces) all.emplace_back("trace", trace.string());
  if (!options.traces_folder.empty())
    all.emplace_back("traces-folder", options.traces_folder.string());
  all.emplace_back("policy", options.policy);
  if (!options.weights.empty()) all.emplace_back("weights", options.weights.string());
  if (options.control != "none") all.emplace_back("control", options.control);
  if (options.limit_control != "none") all.emplace_back("limit-control", options.limit_control);
  if (options.duration)
    all.emplace_back("duration", number_text(to_seconds(*options.duration)) + "s");
  all.emplace_back("rate", number_text(options.rate_per_s));
  if (options.load) all.emplace_back("load", number_text(*options.load));
  all.emplace_back("time-scale", number_text(options.time_scale));
  all.emplace_back("work-scale", number_text(options.work_scale));
  for (auto& option : as_text(options.loads)) all.push_back(std::move(option));
  for (auto& option : as_text(options.capacity)) all.push_back(std::move(option));
  for (auto& option : as_text(options.plan_demand, options.capacity)) {
    all.push_back(std::move(option));
  }
  for (auto& option : as_text(options.online)) all.push_back(std::move(option));
  all.emplace_back("seed", std::to_string(options.seed));
  all.emplace_back("emulate", options.emulate);
  all.emplace_back("workers", std::to_string(options.workers));
  all.emplace_back("dispatchers", std::to_string(options.dispatchers));
  all.emplace_back("retries", std::to_string(options.retries));
  all.emplace_back("inject-failures", number_text(options.failure_share));
  for (auto& option : as_text(options.isolation)) all.push_back(std::move(option));
  for (auto& option : as_text(options.tree)) all.push_back(std::move(option));
  if (!options.switches.empty()) all.emplace_back("switches", options.switches);
  all.emplace_back("report-interval", number_text(to_milliseconds(options.report_interval)) + "ms");
  if (!options.resume.empty()) all.emplace_back("resume", options.resume.string());
  if (!options.ledger.empty()) all.emplace_back("ledger", options.ledger.string());
  if (options.record) all.emplace_back("record", options.record->string());
  all.emplace_back("record-share", number_text(options.record_share));
  if (options.record_placements) all.emplace_back("record-placements", "1");
  if (options.check_invariants) all.emplace_back("check-invariants", "1");
  if (options.survive) all.emplace_back("survive", "1");
  return all;
}

std::vector<std::pair<std::string, std::string>> weir_environment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with("WEIR_") && equals != std::string::npos) {
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  std::ranges::sort(found);
  return found;
}

std::string run_help() {
  std::ostringstream text;
  text << "usage: mpirun -n N weir run [options]\n       weir launch -n N -- run [options]\n\n"
       << described_options()
       << "\nEvery option may also be given as WEIR_NAME in the environment or as NAME = VALUE in "
          "the INI file;\nthe command line wins over the environment, the environment over the "
          "file.\n";
  return text.str();
}

}  // namespace weir
