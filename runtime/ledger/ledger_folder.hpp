// The folder of a job's ledgers: held by one job at a time, and read as a whole before any of its
// ranks writes.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "runtime/ledger/ledger_writer.hpp"

namespace weir {

// One process of a job holds it, for all of them.
class LedgerFolder {
 public:
  // A job that was killed may take so long to be gone.
  static constexpr Duration kPatience = std::chrono::seconds(5);

  // Makes the folder where there is none in a folder that exists. Throws Error where it cannot,
  // where another job holds it for longer than the patience, and where its file system does not
  // keep two programs apart (NFS, or one without locks).
  explicit LedgerFolder(std::filesystem::path folder, Duration patience = kPatience);
  LedgerFolder(const LedgerFolder&) = delete;
  LedgerFolder& operator=(const LedgerFolder&) = delete;
  ~LedgerFolder();

  // Every end that is written down, of whatever rank. Throws Error as LedgerWriter does; before any
  // rank has one.
  void read(const std::string& work, const std::function<void(LedgerEnd)>& on_end) const;

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace weir
