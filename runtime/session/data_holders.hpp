// Which ranks are likely to hold which data, as a home knows it: their own homes, and where it sent
// tasks that read them. What a rank threw out of its cache since nobody tells: then a task that was
// to find its data there fetches them again.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/session/data.hpp"

namespace weir {

// Used from the control thread only.
class DataHolders {
 public:
  // Of so many data at most something is known; beyond that of those used first nothing more.
  static constexpr std::size_t kMostKnown = 4096;

  // `reader` will fetch them before long, or has them. kNoRank: nobody knows who reads them.
  void note(const std::vector<DataRef>& reads, RankId reader);
  bool has(const DataRef& ref, RankId rank) const;

 private:
  using Key = std::pair<RankId, std::uint64_t>;  // home and number

  std::map<Key, std::set<RankId>> holders_;
  std::deque<Key> oldest_first_;
};

}  // namespace weir
