// Writes down what became of a home's tasks, so that a job that starts again does the rest and no
// more: the end of each, or, where the tasks can be made again, how far the home is with its shares
// of them. One SQLite file per rank, on a thread of its own: what is noted waits in memory for at
// most a commit interval, and one transaction takes all of it.
//
// A task whose end was noted and not yet written when the process is killed runs once more; its
// first end is in nobody's totals then, because totals of the next run begin with what is written.
// Killed processes cost no more than that; a machine that loses power may cost the last commits
// (WAL, synchronous=NORMAL), and the file stays sound.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// The end of a task.
struct LedgerEnd {
  TaskId id;
  std::uint32_t attempt = 1;
  bool failed = false;
  Bytes result;  // or the text of the error
};

// How far a home is with one share of the work.
struct LedgerCopy {
  int share = 0;
  std::uint32_t generation = 0;  // of two copies of a share the higher one counts
  Bytes content;
};

struct LedgerOptions {
  Duration commit_interval = std::chrono::milliseconds(20);
};

class LedgerWriter {
 public:
  // Opens the file of this rank in the folder, or makes it. `work` says which tasks these are: a
  // ledger of other work is refused. Throws Error, and then leaves what is there as it was, for a
  // file that is no ledger, of other work, torn, or open in another process.
  LedgerWriter(const std::filesystem::path& folder, RankId rank, const std::string& work,
               const LedgerOptions& options = {});
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;
  // Closes, if that was not done.
  ~LedgerWriter();

  // A task ends once; a second end of it is ignored. One thread; not after close().
  void note_end(LedgerEnd end);

  // Together they take the place of what this rank had noted of these shares. Likewise.
  void note_copies(std::vector<LedgerCopy> copies);

  // Any thread: ends that survive a kill.
  std::uint64_t written() const;

  // Any thread: why nothing is written any more, such as a full disk. What was committed before is
  // kept.
  std::optional<std::string> failure() const;

  // Waits until all that was noted is written, and ends the thread. Returns failure().
  std::optional<std::string> close();

 private:
  class File;

  void write_until_closed();

  std::unique_ptr<File> file_;
  LedgerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<LedgerEnd> noted_;
  std::vector<LedgerCopy> noted_copies_;  // the newest
  std::uint64_t written_ = 0;
  std::optional<std::string> failure_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace weir
