#include "tools/exec/exec_source.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/exec/command_template.hpp"
#include "tools/exec/command_text.hpp"

namespace weir {
namespace {

// Long enough for messages there and back and for a rank to be busy with something else for a
// while.
constexpr Duration kPlacedAhead = std::chrono::milliseconds(100);
constexpr double kLeastAhead = 2;   // commands for each worker
constexpr double kMostAhead = 256;  // likewise
// Fewer than a home may have under way, so that an order always finds room.
constexpr double kMostOpen = 50'000;

}  // namespace

CommandTask command_of(const std::vector<std::string>& words, std::string text,
                       std::uint64_t number) {
  if (words.empty()) return {number, true, {std::move(text)}};
  return {number, false, filled_in(words, text, number)};
}

std::string text_of(const CommandTask& task) {
  return task.for_shell ? task.words.front() : shell_text(task.words);
}

ExecSource::ExecSource(ExecSourceOptions options, CommandFeed& feed, OpenCommands& open,
                       const ExecLedger* ledger, ExecResults* results)
    : options_(std::move(options)), feed_(feed), open_(open), ledger_(ledger), results_(results) {}

void ExecSource::on_round(Instant now) {
  now_ = now;
  if (!next_) look_for_next();
}

void ExecSource::look_for_next() {
  next_.reset();
  while (failure_.empty() && !next_ && feed_.ready()) {
    std::string given = feed_.take();
    CommandTask command = command_of(options_.words, std::move(given), feed_.taken());
    try {
      if (ledger_ != nullptr && ledger_->has(command.number, text_of(command))) {
        results_->leave_out(command.number);
      } else {
        next_ = std::move(command);
      }
    } catch (const Error& error) {
      failure_ = error.report();
    }
  }
}

Instant ExecSource::next_due() const {
  return open_.count() < most_open() && next_ ? now_ : kNever;
}

std::size_t ExecSource::most_open() const {
  const Duration mean = std::max(open_.mean_time(), Duration(1));
  const double ahead =
      open_.mean_time() == Duration(0)
          ? kLeastAhead
          : std::clamp(to_seconds(kPlacedAhead) / to_seconds(mean), kLeastAhead, kMostAhead);
  return static_cast<std::size_t>(std::min(ahead * options_.worker_count, kMostOpen));
}

Task ExecSource::take() {
  const CommandTask command = std::move(*next_);
  look_for_next();
  std::string text = text_of(command);
  const ClassId command_class = open_.class_of(
      std::string(command.for_shell ? first_word(text) : std::string_view(command.words.front())));
  Task task;
  task.header.id = make_task_id(kCommands, command.number);
  task.header.kind = options_.kind;
  task.header.task_class = command_class;
  task.header.memory_bytes = options_.memory_bytes;
  task.header.cost_hint = open_.mean_time(command_class);
  task.header.arrival = now_;
  task.payload = Payload(encode(command));
  open_.add(command.number, {std::move(text), command_class});
  return task;
}

}  // namespace weir
