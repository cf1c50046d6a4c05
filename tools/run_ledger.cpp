#include "tools/run_ledger.hpp"

#include <algorithm>
#include <utility>

namespace weir {

RunLedger::RunLedger(std::filesystem::path folder, std::string work, std::size_t stream_count)
    : path_(std::move(folder)), work_(std::move(work)) {
  earlier_.digests.resize(stream_count);
}

void RunLedger::read() {
  folder_ = std::make_unique<LedgerFolder>(path_);
  folder_->read(work_, [this](const LedgerEnd& end) {
    ended_.push_back(end.id.value());
    ++(end.failed ? earlier_.failed : earlier_.done);
    const std::size_t stream = stream_of(end.id).value();
    if (!end.failed && stream < earlier_.digests.size()) {
      earlier_.digests[stream].add(end.id, end.result);
    }
  });
  std::ranges::sort(ended_);
}

void RunLedger::share(MpiContext& mpi) {
  Bytes mine;
  if (mpi.rank() == RankId(0)) ByteWriter(mine).raw(ended_.data(), 8 * ended_.size());
  const Bytes all = std::move(mpi.gather_to_all(mine).front());
  ended_.resize(all.size() / 8);
  ByteReader(all).raw(ended_.data(), all.size());
}

void RunLedger::open(RankId rank) { writer_ = std::make_unique<LedgerWriter>(path_, rank, work_); }

bool RunLedger::has(TaskId id) const { return std::ranges::binary_search(ended_, id.value()); }

void RunLedger::note(const CompletedTask& task) {
  if (task.status == TaskStatus::kDropped) return;
  writer_->note_end({.id = task.header.id,
                     .attempt = task.header.attempt,
                     .failed = task.status != TaskStatus::kDone,
                     .result = task.result});
}

}  // namespace weir
