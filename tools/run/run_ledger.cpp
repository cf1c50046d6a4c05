#include "tools/run/run_ledger.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/run/joint_refusal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// What is done after the last copy is done again. A copy is small beside the tasks of this time.
constexpr Duration kCopyInterval = 250ms;
constexpr Duration kCommitInterval = 50ms;

[[noreturn]] void refuse_damaged(const std::filesystem::path& place, const std::string& found) {
  throw Error("this ledger is damaged", place.string() + ": " + found,
              "a file as `weir run --ledger` wrote it",
              "a copy of the folder, or --ledger with another one");
}

// Of each share the copy of the highest generation.
std::vector<ShareCopy> newest_copies(const LedgerFolder& folder, const std::string& work,
                                     const RunTally& empty) {
  std::map<int, ShareCopy> newest;
  folder.read_copies(work, [&](const LedgerCopy& row, const std::filesystem::path& file) {
    auto copy = decode_share_copy(row.content, empty);
    if (!copy || copy->share != row.share || copy->generation != row.generation) {
      refuse_damaged(file, "share " + std::to_string(row.share) + " is no copy of a share");
    }
    const auto found = newest.find(copy->share);
    if (found == newest.end()) {
      newest.emplace(copy->share, std::move(*copy));
    } else if (found->second.generation < copy->generation) {
      found->second = std::move(*copy);
    }
  });
  std::vector<ShareCopy> copies;
  for (auto& [share, copy] : newest) copies.push_back(std::move(copy));
  return copies;
}

}  // namespace

std::optional<RunPosition> LedgerContent::position() const {
  if (copies.empty()) return std::nullopt;
  RunPosition position{.capacity_per_s = copies.front().capacity_per_s,
                       .tally = copies.front().tally};
  Duration last{0};
  Duration elapsed{0};
  Duration first_left = Duration::max();
  for (const ShareCopy& copy : copies) {
    if (&copy != &copies.front()) position.tally.merge(copy.tally);
    position.parts = std::max(position.parts, static_cast<int>(copy.generation));
    elapsed = std::max(elapsed, copy.elapsed);
    last = std::max(last, copy.reached);
    if (!copy.all_taken) first_left = std::min(first_left, copy.reached);
  }
  position.elapsed_s = to_seconds(elapsed);
  position.stream_time = std::min(first_left, last);
  return position;
}

LedgerContent whole_content(std::vector<ShareCopy> copies, const RunTally& empty,
                            const std::filesystem::path& folder) {
  const int share_count = copies.front().share_count;
  const double capacity_per_s = copies.front().capacity_per_s;
  LedgerContent content;
  for (int share = 0; share < share_count; ++share) {
    content.copies.push_back(untouched_share(share, share_count, empty));
    content.copies.back().capacity_per_s = capacity_per_s;
  }
  for (ShareCopy& copy : copies) {
    if (copy.share_count != share_count || copy.capacity_per_s != capacity_per_s) {
      refuse_damaged(folder, "its files are of several runs");
    }
    content.copies[copy.share] = std::move(copy);
  }
  return content;
}

class RunLedger::Watch final : public RunObserver {
 public:
  Watch(RunLedger& ledger, const HomeShares& shares) : ledger_(ledger), shares_(shares) {}

  Duration interval() const override { return kCopyInterval; }
  void observe(const NodeAgent&, Instant) override { ledger_.note(shares_); }

 private:
  RunLedger& ledger_;
  const HomeShares& shares_;
};

RunLedger::RunLedger(MpiContext& mpi, const RunOptions& options)
    : mpi_(mpi), path_(options.ledger), work_("weir run " + streams_text(options)) {}

bool RunLedger::read(const RunTally& empty) {
  Bytes mine;
  const std::string unusable = refusal_of([&] {
    if (mpi_.rank() != RankId(0)) return;
    folder_.emplace(path_);
    std::vector<ShareCopy> found = newest_copies(*folder_, work_, empty);
    if (!found.empty()) mine = encode(whole_content(std::move(found), empty, path_).copies);
  });
  if (any_refuses(mpi_, unusable)) return false;
  auto copies = decode_share_copies(mpi_.gather_to_all(mine).front(), empty);
  const std::string other = refusal_of([&] {
    if (!copies) refuse_damaged(path_, "rank 0 reads it otherwise than the others");
  });
  if (any_refuses(mpi_, other)) return false;
  content_.copies = std::move(*copies);
  return true;
}

std::vector<ShareCopy> RunLedger::shares_of_rank(RankId rank, int home_count,
                                                 const RunTally& empty) const {
  if (rank.value() >= home_count) return {};
  if (content_.copies.empty()) return {untouched_share(rank.value(), home_count, empty)};
  std::vector<ShareCopy> own;
  for (const ShareCopy& copy : content_.copies) {
    if (copy.share % home_count == rank.value()) own.push_back(copy);
  }
  return own;
}

bool RunLedger::open(HomeSharesOptions how, int home_count, const RunTally& empty,
                     std::optional<HomeShares>& shares) {
  how.begun_with = [this, home_count, empty](RankId home) {
    return shares_of_rank(home, home_count, empty);
  };
  std::vector<ShareCopy> own = how.begun_with(mpi_.rank());
  const auto position = content_.position();
  const std::string unusable = refusal_of([&] {
    if (position) require_same_streams(how.open_streams(), own, path_.string());
    writer_.emplace(path_, mpi_.rank(), work_, LedgerOptions{.commit_interval = kCommitInterval});
  });
  if (any_refuses(mpi_, unusable)) return false;
  // As many shares as the run began with, whatever the number of homes is now.
  how.share_count = position ? static_cast<int>(content_.copies.size()) : home_count;
  how.begin = position ? position->stream_time : Duration(0);
  how.elapsed_before = position ? from_seconds(position->elapsed_s) : Duration(0);
  shares.emplace(std::move(how), empty, std::move(own));
  return true;
}

std::unique_ptr<RunObserver> RunLedger::observer(const HomeShares& shares) {
  return std::make_unique<Watch>(*this, shares);
}

void RunLedger::note(const HomeShares& shares) {
  if (const auto why = writer_->failure()) {
    tell_failure(*why);
    return;
  }
  std::vector<LedgerCopy> rows;
  for (const ShareCopy& copy : shares.share_copies()) {
    rows.push_back({copy.share, copy.generation, encode(copy)});
  }
  writer_->note_copies(std::move(rows));
}

void RunLedger::tell_failure(const std::string& why) {
  if (std::exchange(failed_, true)) return;
  std::cerr << "weir-run: warning: rank " << mpi_.rank().value()
            << " writes no ledger any more: " << why
            << "; what it does from here on would be done again" << std::endl;
}

bool RunLedger::close_alone(const HomeShares& shares) {
  note(shares);
  if (const auto why = writer_->close()) tell_failure(*why);
  return !failed_;
}

LedgerEnding RunLedger::close(const HomeShares& shares, bool paused) {
  close_alone(shares);
  Duration reached = Duration::max();
  for (const ShareCopy& copy : shares.share_copies()) reached = std::min(reached, copy.reached);
  Bytes mine;
  ByteWriter out(mine);
  for (const bool fact : {!failed_, shares.exhausted(), paused}) out.number(std::uint8_t{fact});
  out.number(reached.count());
  LedgerEnding ending{.continues_at = Duration::max()};
  for (const Bytes& bytes : mpi_.gather_to_all(mine)) {
    ByteReader in(bytes);
    ending.written &= in.number<std::uint8_t>() != 0;
    const bool all_taken = in.number<std::uint8_t>() != 0;
    ending.paused |= in.number<std::uint8_t>() != 0;
    const Duration until(in.number<Duration::rep>());
    ending.all_taken &= all_taken;
    if (!all_taken) ending.continues_at = std::min(ending.continues_at, until);
  }
  return ending;
}

}  // namespace weir
