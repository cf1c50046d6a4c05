// Makes tasks of commands as fast as ranks run them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/control/task_source.hpp"
#include "tools/exec/command_feed.hpp"
#include "tools/exec/command_task.hpp"
#include "tools/exec/exec_ledger.hpp"
#include "tools/exec/exec_results.hpp"
#include "tools/exec/open_commands.hpp"

namespace weir {

// What a text of the feed becomes: a line for the shell, or words with the text as a value in them
// where there are words.
CommandTask command_of(const std::vector<std::string>& words, std::string text,
                       std::uint64_t number);
// As a person would type it, in one line.
std::string text_of(const CommandTask& task);

struct ExecSourceOptions {
  KindId kind;
  std::vector<std::string> words;
  std::uint64_t memory_bytes = 0;
  int worker_count = 1;  // of all ranks
};

// Few commands are placed ahead of their time, because a command is placed best when it is known
// who is free: as many as all workers run in a moment, and at least two for each.
class ExecSource final : public TaskSource {
 public:
  // Both outlive it, and so do ledger and results, whose commands are left out; or null.
  ExecSource(ExecSourceOptions options, CommandFeed& feed, OpenCommands& open,
             const ExecLedger* ledger = nullptr, ExecResults* results = nullptr);

  // Commands that have been read until now are due now.
  void on_round(Instant now);
  // Commands taken from the feed that are no tasks yet.
  std::uint64_t held() const { return next_ ? 1 : 0; }
  // Why no further command can be taken, as a report: the ledger is of others.
  const std::string& failure() const { return failure_; }

  Instant next_due() const override;
  Task take() override;
  bool exhausted() const override { return !next_ && feed_.ended(); }

 private:
  // Takes the next command from the feed that is to be run, if there is one by now.
  void look_for_next();

  std::size_t most_open() const;

  ExecSourceOptions options_;
  CommandFeed& feed_;
  OpenCommands& open_;
  const ExecLedger* ledger_;
  ExecResults* results_;
  std::optional<CommandTask> next_;
  std::string failure_;
  Instant now_{};
};

}  // namespace weir
