// What became of the commands: counted, logged, their output handed on.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/control/completion_sink.hpp"
#include "tools/exec/command_output.hpp"
#include "tools/exec/exec_ledger.hpp"
#include "tools/exec/exec_options.hpp"
#include "tools/exec/job_log.hpp"
#include "tools/exec/open_commands.hpp"

namespace weir {

struct ExecCounts {
  std::uint64_t done = 0;     // ran to their end, failed ones included
  std::uint64_t failed = 0;   // after all attempts
  std::uint64_t earlier = 0;  // left out, as an earlier job has run them
  std::uint64_t not_run = 0;  // taken from the input, but then no command was to be started
};

class ExecResults final : public CompletionSink {
 public:
  // `open` outlives it, and so does `ledger`, which may be null; `hosts` are the names of the hosts
  // by rank.
  ExecResults(OpenCommands& open, std::unique_ptr<CommandOutput> output,
              std::optional<JobLog> job_log, std::vector<std::string> hosts,
              ExecLedger* ledger = nullptr);

  // An earlier job has run it.
  void leave_out(std::uint64_t number);

  void on_completed(CompletedTask task, Instant now) override;

  const ExecCounts& counts() const { return counts_; }
  // Whether output, or what has ended, is lost from now on.
  bool output_failed() const { return !hands_on() || (ledger_ != nullptr && ledger_->failure()); }

  // Writes what was held back. The reason why something could not be written, or empty. Once.
  std::string finish();

 private:
  bool hands_on() const { return output_->failure().empty() && !(job_log_ && job_log_->failed()); }
  std::string host_of(RankId node) const;
  // Successes below this number whose output is handed on.
  void note_successes(std::uint64_t below);

  OpenCommands& open_;
  std::unique_ptr<CommandOutput> output_;
  std::optional<JobLog> job_log_;
  std::vector<std::string> hosts_;
  ExecLedger* ledger_;
  std::map<std::uint64_t, std::string> successes_;  // not in the ledger yet: number and text
  ExecCounts counts_;
};

}  // namespace weir
