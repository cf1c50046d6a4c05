#include "tools/launch/launch_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

// Ten thousand nodes are a large machine; more ranks than that are a typing error.
constexpr int kMostRanks = 10'000;
constexpr int kMostNodes = 1'000'000;

const std::string kExample = "weir launch -n 4 -- run --stream finance";

int number_from_one(const std::string& option, const std::string& text, int most = kMostRanks) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value > 0 && value <= most)
    return value;
  throw Error("not a number of " + option, text.empty() ? "nothing" : "\"" + text + "\"",
              "a whole number from 1 to " + std::to_string(most), kExample);
}

std::vector<LaunchHost> parse_hosts(const std::string& text) {
  std::vector<LaunchHost> hosts;
  std::set<std::string> names;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, comma - at);
    const std::size_t colon = std::min(item.find(':'), item.size());
    LaunchHost host{.name = item.substr(0, colon)};
    if (colon < item.size()) host.slots = number_from_one("slots", item.substr(colon + 1));
    if (host.name.empty() || !names.insert(host.name).second)
      throw Error("not a list of hosts", "\"" + text + "\"",
                  "different host names with commas between, each with or without :SLOTS",
                  "--hosts node1,node2:4");
    hosts.push_back(host);
    at = comma + 1;
  }
  return hosts;
}

std::string value_of(const LaunchSurroundings& surroundings, const std::string& name) {
  const auto found = std::ranges::find(surroundings.environment, name,
                                       &std::pair<std::string, std::string>::first);
  return found == surroundings.environment.end() ? "" : found->second;
}

void append(Strings& command, std::initializer_list<std::string> words) {
  command.insert(command.end(), words);
}

std::string list_of(const std::vector<LaunchHost>& hosts, int slots_each) {
  std::string text;
  for (const LaunchHost& host : hosts) {
    const int slots = host.slots > 0 ? host.slots : slots_each;
    text += (text.empty() ? "" : ",") + host.name;
    if (slots > 0) text.append(":").append(std::to_string(slots));
  }
  return text;
}

// One rank per host manages all of it; further ranks are spread evenly.
void place_on_hosts(const LaunchOptions& options, LaunchPlan& plan) {
  const int host_count = static_cast<int>(options.hosts.size());
  if (options.rank_count <= host_count) {
    append(plan.command, {"--host", list_of(options.hosts, 0), "--map-by", "ppr:1:node"});
    std::string idle;
    for (int i = options.rank_count; i < host_count; ++i)
      idle += (idle.empty() ? "" : ",") + options.hosts[static_cast<std::size_t>(i)].name;
    if (!idle.empty())
      plan.notes.push_back("warning: " + std::to_string(options.rank_count) + " ranks leave " +
                           idle + " unused; -n " + std::to_string(host_count) + " uses all hosts");
    return;
  }
  const int each = (options.rank_count + host_count - 1) / host_count;
  int slots = 0;
  for (const LaunchHost& host : options.hosts) slots += host.slots > 0 ? host.slots : each;
  if (slots < options.rank_count)
    throw Error("the ranks do not fit the hosts",
                std::to_string(slots) + " slots: " + list_of(options.hosts, each),
                std::to_string(options.rank_count) + ", from -n",
                "-n " + std::to_string(slots) + ", or host names without :SLOTS");
  append(plan.command, {"--host", list_of(options.hosts, each), "--map-by", "node"});
}

// In an allocation of several nodes mpirun knows the hosts.
void place_on_allocation(const LaunchOptions& options, int node_count, const std::string& names,
                         LaunchPlan& plan) {
  if (options.rank_count > node_count) {
    append(plan.command, {"--map-by", "node", "--oversubscribe"});
    return;
  }
  append(plan.command, {"--map-by", "ppr:1:node"});
  if (options.rank_count < node_count)
    plan.notes.push_back("warning: the allocation has " + std::to_string(node_count) + " nodes (" +
                         names + "), and " + std::to_string(options.rank_count) +
                         " ranks use as many of them; -n " + std::to_string(node_count) +
                         " uses all");
}

// mpirun splits the agent at blanks, and at colons into alternatives.
void outlive_hosts(const LaunchOptions& options, const LaunchSurroundings& surroundings,
                   LaunchPlan& plan) {
  // It fails within the time that `weir reach` allows.
  const std::string ssh = "ssh -x -o ConnectTimeout=8";
  const std::string agent = options.rsh.empty() ? ssh : options.rsh;
  if (surroundings.program.find_first_of(" :") != std::string::npos ||
      agent.find(':') != std::string::npos) {
    plan.notes.push_back("warning: a host that dies ends the run, for mpirun splits " +
                         surroundings.program + " or " + agent + " at blanks and colons");
    if (options.rsh.empty()) return;
    append(plan.command, {"--mca", "plm", "rsh", "--mca", "plm_rsh_agent", options.rsh});
    return;
  }
  append(plan.command, {"--mca", "plm", "rsh", "--mca", "plm_rsh_agent",
                        surroundings.program + " reach " + agent});
}

bool names_tcp(const LaunchOptions& options) {
  return std::ranges::any_of(options.mca, [](const auto& each) {
    return each.first == "btl" && each.second.find("tcp") != std::string::npos &&
           !each.second.starts_with('^');
  });
}

bool sets(const LaunchOptions& options, const std::string& name) {
  return std::ranges::find(options.mca, name, &std::pair<std::string, std::string>::first) !=
         options.mca.end();
}

// "node1.example.org"; not "node1", and not "10.0.0.1", which is no name.
bool has_domain(const LaunchHost& host) {
  return host.name.find('.') != std::string::npos &&
         host.name.find_first_not_of("0123456789.") != std::string::npos;
}

void place_here(const LaunchOptions& options, LaunchPlan& plan) {
  append(plan.command, {"--oversubscribe"});
  if (!names_tcp(options) || sets(options, "btl_tcp_if_include")) return;
  // Between ranks of one machine other interfaces are slower, or do not answer at all.
  append(plan.command, {"--mca", "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo"});
}

// Ranks cannot tell: inside one isatty() lies both ways.
void pass_environment(const LaunchSurroundings& surroundings, LaunchPlan& plan) {
  plan.environment.emplace_back("WEIR_LAUNCHED", surroundings.word);
  plan.environment.emplace_back("WEIR_TERMINAL", surroundings.terminal_columns ? "1" : "0");
  if (surroundings.terminal_columns)
    plan.environment.emplace_back("WEIR_TERMINAL_COLUMNS",
                                  std::to_string(*surroundings.terminal_columns));
  std::set<std::string> names;
  for (const auto& [name, value] : surroundings.environment)
    if (name.starts_with("WEIR_")) names.insert(name);
  for (const auto& [name, value] : plan.environment) names.insert(name);
  for (const std::string& name : names) append(plan.command, {"-x", name});

  if (!surroundings.root || !value_of(surroundings, "OMPI_ALLOW_RUN_AS_ROOT").empty()) return;
  plan.environment.emplace_back("OMPI_ALLOW_RUN_AS_ROOT", "1");
  plan.environment.emplace_back("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
  plan.notes.push_back("running as root: mpirun is told to allow it (OMPI_ALLOW_RUN_AS_ROOT)");
}

}  // namespace

std::string launch_usage() {
  return "usage: weir launch -n RANKS [options] -- SUBCOMMAND ...\n\n"
         "Starts RANKS ranks of `weir SUBCOMMAND ...` under mpirun, forwards Ctrl-C so that they\n"
         "drain (a second one ends them at once), and returns the subcommand's exit code.\n\n"
         "  -n RANKS             how many ranks; one per host where there are several hosts\n"
         "  --hosts H1,H2:4,...  the hosts, each with or without a number of slots\n"
         "  --mca NAME VALUE     an Open MPI parameter; may be repeated\n"
         "  --rsh PROGRAM        reaches the other hosts, instead of ssh\n"
         "  --verbose            print the mpirun command, and let mpirun print its own messages\n"
         "  --help               print this text\n";
}

LaunchOptions parse_launch_options(const Strings& arguments) {
  LaunchOptions options;
  const auto divider = std::ranges::find(arguments, "--");
  auto at = arguments.begin();
  bool rank_count_given = false;
  const auto next_value = [&](const std::string& option) {
    if (at == divider)
      throw Error("an option of weir launch lacks its value", option, option + " VALUE", kExample);
    return *at++;
  };
  while (at != divider) {
    const std::string word = *at++;
    if (word == "-n" || word == "--ranks") {
      options.rank_count = number_from_one("ranks", next_value(word));
      rank_count_given = true;
    } else if (word == "--hosts") {
      options.hosts = parse_hosts(next_value(word));
    } else if (word == "--mca") {
      const std::string name = next_value(word);
      options.mca.emplace_back(name, next_value(word));
    } else if (word == "--rsh") {
      options.rsh = next_value(word);
    } else if (word == "--verbose") {
      options.verbose = true;
    } else if (word == "--help" || word == "-h") {
      options.help = true;
      return options;
    } else {
      throw Error("weir launch does not know this option", word,
                  "options of weir launch, then -- and the subcommand with its own", kExample);
    }
  }
  if (!rank_count_given)
    throw Error("the number of ranks is missing", "no -n", "-n RANKS, at least 1", kExample);
  if (divider == arguments.end() || divider + 1 == arguments.end())
    throw Error("there is no subcommand to launch",
                divider == arguments.end() ? "no --" : "nothing after --",
                "-- and a subcommand of weir after the options of weir launch", kExample);
  options.subcommand.assign(divider + 1, arguments.end());
  return options;
}

// A command of `weir exec` has options of its own.
bool survives(const LaunchOptions& options, const LaunchSurroundings& surroundings) {
  const auto own_end = std::ranges::find_if(
      options.subcommand, [](const std::string& word) { return word == "--" || word == ":::"; });
  // Of which `run` alone takes its options, in words that mean yes there.
  const std::string by_environment = value_of(surroundings, "WEIR_SURVIVE");
  constexpr std::array<std::string_view, 4> kYes{"1", "yes", "true", "on"};
  return std::find(options.subcommand.begin(), own_end, "--survive") != own_end ||
         (options.subcommand.front() == "run" &&
          std::ranges::find(kYes, by_environment) != kYes.end());
}

LaunchPlan plan_launch(const LaunchOptions& options, const LaunchSurroundings& surroundings) {
  if (!value_of(surroundings, "OMPI_COMM_WORLD_RANK").empty())
    throw Error("weir launch was started inside a job of mpirun",
                "OMPI_COMM_WORLD_RANK=" + value_of(surroundings, "OMPI_COMM_WORLD_RANK"),
                "a process that mpirun has not started: jobs do not nest",
                "weir launch alone, with the number of ranks behind -n");
  LaunchPlan plan;
  // Ranks that have just been started have no handler yet, and would die of it.
  plan.ignores_usr1 = !options.subcommand.empty() &&
                      (options.subcommand.front() == "run" || options.subcommand.front() == "exec");
  plan.command = {surroundings.mpirun, "-n", std::to_string(options.rank_count)};
  append(plan.command, {"--bind-to", "none", "--mca", "orte_forward_job_control", "1", "--mca",
                        "ess_base_forward_signals", "SIGURG"});

  // Else mpirun ends all ranks when one dies: without somebody who takes over the work of a lost
  // one the survivors would wait for it for ever.
  plan.survives = survives(options, surroundings);
  if (plan.survives) append(plan.command, {"--enable-recovery"});

  const std::string node_count_text = value_of(surroundings, "SLURM_JOB_NUM_NODES");
  const int node_count = node_count_text.empty()
                             ? 1
                             : number_from_one("SLURM_JOB_NUM_NODES", node_count_text, kMostNodes);
  if (options.hosts.size() > 1) {
    place_on_hosts(options, plan);
  } else if (options.hosts.size() == 1) {
    append(plan.command, {"--host", list_of(options.hosts, options.rank_count), "--oversubscribe"});
  } else if (node_count > 1) {
    place_on_allocation(options, node_count, value_of(surroundings, "SLURM_JOB_NODELIST"), plan);
  } else {
    place_here(options, plan);
  }

  if (!options.rsh.empty() && options.hosts.empty() && node_count == 1)
    plan.notes.push_back("warning: --rsh has no effect without --hosts: all ranks run here");
  if (!options.hosts.empty() && plan.survives) {
    outlive_hosts(options, surroundings, plan);
  } else if (!options.rsh.empty()) {
    append(plan.command, {"--mca", "plm", "rsh", "--mca", "plm_rsh_agent", options.rsh});
  }
  // Open MPI would cut the names at the first dot, and so take two hosts for one.
  if (std::ranges::any_of(options.hosts, has_domain) && !sets(options, "orte_keep_fqdn_hostnames"))
    append(plan.command, {"--mca", "orte_keep_fqdn_hostnames", "1"});
  for (const auto& [name, value] : options.mca) append(plan.command, {"--mca", name, value});
  pass_environment(surroundings, plan);
  append(plan.command, {surroundings.program});
  plan.command.insert(plan.command.end(), options.subcommand.begin(), options.subcommand.end());
  return plan;
}

}  // namespace weir
