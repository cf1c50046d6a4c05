#include "tools/exec/exec_ledger.hpp"

#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "tools/exec/open_commands.hpp"

namespace weir {
namespace {

const std::string kWork = "commands of weir exec";
// Rank 0 is the home of all commands, on whatever number of ranks.
constexpr RankId kHome{0};

std::uint64_t hash_of_text(const std::string& text) {
  return hash_of(std::as_bytes(std::span(text)));
}

}  // namespace

ExecLedger::ExecLedger(const std::filesystem::path& folder) : folder_(folder) {
  folder_.read(kWork, [this](const LedgerEnd& end) {
    earlier_[index_of(end.id)] = ByteReader(end.result).number<std::uint64_t>();
  });
  writer_.emplace(folder, kHome, kWork);
}

bool ExecLedger::has(std::uint64_t number, const std::string& text) const {
  const auto found = earlier_.find(number);
  if (found == earlier_.end()) return false;
  if (found->second == hash_of_text(text)) return true;
  throw Error("the ledger is of another list of commands",
              "command " + std::to_string(number) + ": " + text,
              "the command that had this number when it was run",
              "the list as it was (it may have grown), or --ledger with another folder");
}

void ExecLedger::note_success(std::uint64_t number, const std::string& text) {
  LedgerEnd end{.id = make_task_id(kCommands, number)};
  ByteWriter(end.result).number(hash_of_text(text));
  writer_->note_end(std::move(end));
}

}  // namespace weir
