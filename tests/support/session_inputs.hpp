// Short ways to a session in a test on ranks.

#pragma once

#include <vector>

#include "runtime/session/session.hpp"

namespace weir {

inline const SessionOptions kTwoWorkers{.worker_count = 2};

inline std::vector<RankId> all_ranks(const Session& session) {
  std::vector<RankId> ranks;
  for (int i = 0; i < session.rank_count(); ++i) ranks.push_back(RankId(i));
  return ranks;
}
inline RankId next_rank(const Session& session) {
  return RankId((session.rank().value() + 1) % session.rank_count());
}

}  // namespace weir
