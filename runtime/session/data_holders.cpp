#include "runtime/session/data_holders.hpp"

namespace weir {

void DataHolders::note(const std::vector<DataRef>& reads, RankId reader) {
  if (reader == kNoRank) return;
  for (const DataRef& ref : reads) {
    if (ref.home == reader) continue;
    const Key key{ref.home, ref.number};
    const auto [known, is_new] = holders_.try_emplace(key);
    known->second.insert(reader);
    if (!is_new) continue;
    oldest_first_.push_back(key);
    if (oldest_first_.size() <= kMostKnown) continue;
    holders_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
}

bool DataHolders::has(const DataRef& ref, RankId rank) const {
  if (ref.home == rank) return true;
  const auto known = holders_.find({ref.home, ref.number});
  return known != holders_.end() && known->second.contains(rank);
}

}  // namespace weir
