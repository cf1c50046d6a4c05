// The idle tokens a home holds: each is one idle worker of one node, told to this home only.

#pragma once

#include <cstddef>
#include <deque>

#include "runtime/policy/views.hpp"

namespace weir {

class IdleTokens {
 public:
  // Tokens held at most. A home that holds more places too little to use them; the oldest, most
  // likely out of date, is then forgotten.
  static constexpr std::size_t kMaxTokens = 65536;

  void add(RankId node);
  // The node of the oldest token, which is used up; kNoRank without tokens. Tokens of nodes without
  // capacity are dropped on the way.
  RankId take(const ClusterView& cluster);

 private:
  std::deque<RankId> nodes_;
};

}  // namespace weir
