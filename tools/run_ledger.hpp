// `weir run --ledger`: ends of tasks are written down, and what earlier runs of the same work have
// ended is left out.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/digest.hpp"
#include "runtime/control/completion_sink.hpp"
#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

// What earlier runs have ended.
struct EarlierEnds {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::vector<StreamDigest> digests;  // by stream id, of those done
};

class RunLedger {
 public:
  // `work` says which tasks these are, equal for runs that have the same.
  RunLedger(std::filesystem::path folder, std::string work, std::size_t stream_count);

  // In this order. On rank 0: takes the folder, and reads what is there. Throws Error as
  // LedgerFolder does.
  void read();
  // Tells all ranks which tasks have ended. Collective.
  void share(MpiContext& mpi);
  // Opens this rank's own file. Throws Error as LedgerWriter does.
  void open(RankId rank);

  // Whether an earlier run has ended it.
  bool has(TaskId id) const;
  // On rank 0.
  const EarlierEnds& earlier() const { return earlier_; }

  // Dropped ones are left to later runs.
  void note(const CompletedTask& task);
  std::optional<std::string> failure() const { return writer_->failure(); }
  // Once all is noted; the reason why something was not written.
  std::optional<std::string> close() { return writer_->close(); }

 private:
  std::filesystem::path path_;
  std::string work_;
  EarlierEnds earlier_;
  std::vector<std::uint64_t> ended_;  // ids, sorted
  std::unique_ptr<LedgerFolder> folder_;
  std::unique_ptr<LedgerWriter> writer_;
};

}  // namespace weir
