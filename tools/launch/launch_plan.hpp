// What `weir launch` asks of mpirun: options in, a command line out. Nothing is started here.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

struct LaunchHost {
  std::string name;
  int slots = 0;  // zero: not said
};

struct LaunchOptions {
  int rank_count = 0;
  std::vector<LaunchHost> hosts;  // empty: this machine, or the allocation of a batch system
  std::vector<std::pair<std::string, std::string>> mca;
  std::string rsh;  // the program that reaches other hosts; empty: ssh
  bool verbose = false;
  bool help = false;
  std::vector<std::string> subcommand;
};

// Throws Error.
LaunchOptions parse_launch_options(const std::vector<std::string>& arguments);

std::string launch_usage();

struct LaunchSurroundings {
  std::string mpirun;   // path
  std::string program;  // path of this program
  bool root = false;
  std::string word = "1";               // see exit_line()
  std::optional<int> terminal_columns;  // of stderr; nothing: not a terminal
  // NAME, VALUE.
  std::vector<std::pair<std::string, std::string>> environment;
};

struct LaunchPlan {
  std::vector<std::string> command;                              // mpirun and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // to be added
  bool survives = false;           // ranks may die, and tell how they ended
  bool ignores_usr1 = false;       // until ranks say otherwise
  std::vector<std::string> notes;  // for the user, a line each
};

// Throws Error when the ranks do not fit the hosts.
LaunchPlan plan_launch(const LaunchOptions& options, const LaunchSurroundings& surroundings);

}  // namespace weir
