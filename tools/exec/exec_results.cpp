#include "tools/exec/exec_results.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace weir {
namespace {

// Where no rank could say what became of a command, the text of the error takes the place of what
// the command would have printed.
CommandEnd end_of(const CompletedTask& task) {
  if (auto end = decode_command_end(task.result)) return std::move(*end);
  CommandEnd end;
  if (task.status == TaskStatus::kDropped) return end;
  end.ran = true;
  end.child.exit_code = 126;
  const std::string text =
      "weir-exec: " +
      std::string(reinterpret_cast<const char*>(task.result.data()), task.result.size()) + "\n";
  ByteWriter(end.errors.head).raw(text.data(), text.size());
  end.errors.total = text.size();
  return end;
}

}  // namespace

ExecResults::ExecResults(OpenCommands& open, std::unique_ptr<CommandOutput> output,
                         std::optional<JobLog> job_log, std::vector<std::string> hosts,
                         ExecLedger* ledger)
    : open_(open),
      output_(std::move(output)),
      job_log_(std::move(job_log)),
      hosts_(std::move(hosts)),
      ledger_(ledger) {}

void ExecResults::leave_out(std::uint64_t number) {
  ++counts_.earlier;
  output_->leave_out(number);
}

std::string ExecResults::host_of(RankId node) const {
  return node == kNoRank ? "-" : hosts_[static_cast<std::size_t>(node.value())];
}

void ExecResults::on_completed(CompletedTask task, Instant) {
  if (stream_of(task.header.id) != kCommands) return;
  const std::uint64_t number = index_of(task.header.id);
  const OpenCommand command = open_.remove(number);
  CommandEnd end = end_of(task);
  // What ran on a rank that was lost has not failed.
  if (!end.ran && task.header.attempt - task.reissued == 1) {
    ++counts_.not_run;
    output_->add(number, host_of(task.node), end);
    return;
  }
  ++counts_.done;
  // An attempt that was no longer made does not save the one before.
  if (!end.ran) end.child.exit_code = EXIT_FAILURE;
  if (end.failed()) ++counts_.failed;
  if (end.ran) open_.on_ran(command.command_class, end.took);
  if (job_log_) job_log_->add(number, host_of(task.node), end, command.text);
  if (ledger_ != nullptr && end.ran && !end.failed()) successes_.emplace(number, command.text);
  output_->add(number, host_of(task.node), end);
  note_successes(output_->handed_on_below());
}

// A command whose output nobody got has to run again.
void ExecResults::note_successes(std::uint64_t below) {
  if (!hands_on()) return;
  while (!successes_.empty() && successes_.begin()->first < below) {
    const auto first = successes_.begin();
    ledger_->note_success(first->first, first->second);
    successes_.erase(first);
  }
}

std::string ExecResults::finish() {
  output_->finish();
  std::string failure = output_->failure();
  const int log_error = job_log_ ? job_log_->close() : 0;
  if (log_error != 0 && failure.empty()) {
    failure = std::string("the job log: ") + std::strerror(log_error);
  }
  if (ledger_ != nullptr) {
    note_successes(UINT64_MAX);
    if (const auto reason = ledger_->close(); reason && failure.empty()) {
      failure = "the ledger: " + *reason;
    }
  }
  return failure;
}

}  // namespace weir
