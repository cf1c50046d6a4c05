// Runs commands on the workers of one rank: the function of the kind of task that `weir exec`
// submits.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/exec/kind_table.hpp"
#include "runtime/process/child_process.hpp"
#include "runtime/process/child_watch.hpp"
#include "runtime/process/group_keeper.hpp"
#include "runtime/process/output_file.hpp"
#include "tools/exec/command_task.hpp"

namespace weir {

struct CommandRunnerOptions {
  ChildSurroundings surroundings;  // of who submits
  std::optional<Duration> time_limit;
  // Folder for files N.out and N.err; empty: output travels.
  std::string logs;
  // Where output waits that travels, and stays if it is too long to.
  std::string spill_folder;
  std::size_t most_travelling_bytes = 8 << 20;  // of each of the two streams
  int worker_count = 1;
  int retries = 0;  // further attempts that a failed command has, most often on this rank
};

class CommandRunner {
 public:
  // `keeper` outlives it.
  explicit CommandRunner(GroupKeeper& keeper) : keeper_(keeper) {}
  ~CommandRunner();
  CommandRunner(const CommandRunner&) = delete;
  CommandRunner& operator=(const CommandRunner&) = delete;

  // Once, before the first command. Throws Error where this host lacks a folder.
  void open(CommandRunnerOptions options);

  // The task: a CommandTask in, a CommandEnd out. One that failed is a failed attempt with the same
  // result. On any worker, several at a time.
  void run(TaskContext& context, const Payload& payload, Bytes& result);

  // From now on commands whose turn comes are not started.
  void drain() { drains_ = true; }
  // And those that run are ended.
  void end_all();

 private:
  // What one worker needs again and again.
  struct Desk {
    OutputFile output;
    OutputFile errors;
  };

  CommandEnd run_command(const CommandTask& task, int worker);
  void run_child_of(const CommandTask& task, const ChildCare& care, ChildSpec spec,
                    CommandEnd& end);
  void remove_kept(std::uint64_t number);
  void remember_kept(std::uint64_t number, const CommandEnd& end);
  void log_output(const CommandTask& task, const ChildCare& care, CommandEnd& end);

  GroupKeeper& keeper_;
  CommandRunnerOptions options_;
  std::optional<ChildWatch> watch_;
  std::vector<Desk> desks_;
  int no_input_ = -1;  // /dev/null
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<bool> drains_{false};
  std::mutex kept_mutex_;
  // Output of failed commands that is too long to travel, by their numbers.
  std::map<std::uint64_t, std::vector<std::string>> kept_of_failed_;
};

}  // namespace weir
