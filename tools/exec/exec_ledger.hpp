// `weir exec --ledger`: commands that have succeeded are written down, and not run again by a job
// that goes on with the same list. Failed ones are, and those that nobody saw end.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"

namespace weir {

class ExecLedger {
 public:
  // Throws Error as LedgerFolder and LedgerWriter do.
  explicit ExecLedger(const std::filesystem::path& folder);

  // Whether an earlier job has run this command, `text` as a person would type it. Throws Error
  // where the command of that number was another one then.
  bool has(std::uint64_t number, const std::string& text) const;

  // How many earlier jobs have run.
  std::uint64_t earlier() const { return earlier_.size(); }

  void note_success(std::uint64_t number, const std::string& text);
  // Why nothing is written any more.
  std::optional<std::string> failure() const { return writer_->failure(); }
  // The same, once all is written.
  std::optional<std::string> close() { return writer_->close(); }

 private:
  LedgerFolder folder_;
  std::unordered_map<std::uint64_t, std::uint64_t> earlier_;  // by number: the hash of the text
  std::optional<LedgerWriter> writer_;
};

}  // namespace weir
