// The folder of a job's ledgers: held by one job at a time, and read as a whole before any of its
// ranks writes.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "runtime/ledger/ledger_writer.hpp"

namespace weir {

class SqliteStatement;

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
  // Every copy, likewise: of a share that several ranks have had there are several.
  void read_copies(
      const std::string& work,
      const std::function<void(LedgerCopy, const std::filesystem::path&)>& on_copy) const;

 private:
  // Calls `on_row` for each row of this query, in each file; `of_copies`: that has copies.
  void for_each_row(const std::string& work, const std::string& query, bool of_copies,
                    const std::function<void(const SqliteStatement&, const std::filesystem::path&)>&
                        on_row) const;

  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace weir
