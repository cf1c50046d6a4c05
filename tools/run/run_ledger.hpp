// `weir run --ledger`: copies of the shares of all homes (home_copy.hpp) are written down four
// times a second, and a job that starts again with the same folder, on any number of ranks, does
// the rest.
//
// Each rank has a file of its own, with a row for each share that it has had. Rank 0 reads all of
// them before anybody writes. Of each share it takes the row of the highest generation; whoever
// takes the share up counts one further. So a job that is killed while it starts does no harm: of
// some shares there are newer rows then and of others older ones, and every row is complete in
// itself.
//
// All ranks have opened their files before any of them writes, and rank 0 holds the folder from
// before then until it ends: what is left of a job that was killed cannot write to files that the
// next one does not see.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "tools/result/run_reactor.hpp"
#include "tools/run/home_copy.hpp"
#include "tools/run/home_shares.hpp"
#include "tools/run/run_position.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// What of a run's streams is in a ledger.
struct LedgerContent {
  std::vector<ShareCopy> copies;  // of each share the one that counts, by number; none: a new run
  // Where the run goes on; nothing: at the begin.
  std::optional<RunPosition> position() const;
};

// `content` has copies of some shares, at least one: all of them, those that were never written
// untouched. Throws Error where they do not belong together.
LedgerContent whole_content(std::vector<ShareCopy> copies, const RunTally& empty,
                            const std::filesystem::path& folder);

// How a run with a ledger ended, on all ranks.
struct LedgerEnding {
  bool written = true;       // all that was to be written
  bool all_taken = true;     // of the streams
  bool paused = false;       // some rank was asked to
  Duration continues_at{0};  // stream time, where not all is taken
};

class RunLedger {
 public:
  // Nothing is opened yet. `mpi` outlives it.
  RunLedger(MpiContext& mpi, const RunOptions& options);

  // What the folder has. `empty` gives the shape of the tallies. False, on all ranks, where it
  // cannot be used, which rank 0 has told then. Collective, once.
  bool read(const RunTally& empty);
  const LedgerContent& content() const { return content_; }
  // After read(): opens this rank's file, and makes the shares that it begins with, where so many
  // ranks submit; this outlives them. Of `how`, what the content decides is left out. False, on all
  // ranks, where the streams are others or a file cannot be written, which rank 0 has told then.
  // Collective.
  bool open(HomeSharesOptions how, int home_count, const RunTally& empty,
            std::optional<HomeShares>& shares);
  // To be looked at in the control loop. `shares` outlives it.
  std::unique_ptr<RunObserver> observer(const HomeShares& shares);
  // After the loop: writes how it ended. Collective.
  LedgerEnding close(const HomeShares& shares, bool paused);
  // The same of this rank alone, where others may be dead. False where it could not be written.
  bool close_alone(const HomeShares& shares);

 private:
  class Watch;

  // With which it begins this job.
  std::vector<ShareCopy> shares_of_rank(RankId rank, int home_count, const RunTally& empty) const;
  void note(const HomeShares& shares);
  void tell_failure(const std::string& why);

  MpiContext& mpi_;
  std::filesystem::path path_;
  std::string work_;
  std::optional<LedgerFolder> folder_;  // on rank 0
  LedgerContent content_;
  std::optional<LedgerWriter> writer_;
  bool failed_ = false;
};

}  // namespace weir
