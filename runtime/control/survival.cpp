#include "runtime/control/survival.hpp"

#include <utility>

namespace weir {
namespace {

constexpr Duration kTellAgain = std::chrono::milliseconds(100);

}  // namespace

std::vector<RankId> Survival::exclude(std::span<const RankId> ranks) {
  std::vector<RankId> news = members_.add(ranks);
  if (!news.empty()) {
    words_.clear();
    next_copy_ = Instant{};  // There may be another heir.
  }
  return news;
}

Instant Survival::next_copy() const {
  return ended_ || homes_.empty() || members_.heir() == kNoRank ? kNever : next_copy_;
}

HomeCopy Survival::copy(HomeCopies& copies, Instant now) {
  next_copy_ = now + options_.copy_interval;
  return {{homes_.begin(), homes_.end()}, copies.copy()};
}

void Survival::take_over(HomeCopies& copies) {
  for (const RankId rank : members_.out()) {
    const auto kept = kept_.find(rank);
    if (kept == kept_.end()) continue;
    copies.adopt(kept->second.bytes);
    homes_.insert(kept->second.homes.begin(), kept->second.homes.end());
    kept_.erase(kept);
  }
  for (int i = 0; i < home_count_; ++i) {
    const RankId home(i);
    if (members_.keeper_of(home) != self_ || !homes_.insert(home).second) continue;
    copies.begin_anew(home);
    restarted_.insert(home);
  }
}

bool Survival::take_word(RankId from, FinalWord word) {
  words_.insert_or_assign(from, std::move(word));
  return static_cast<int>(words_.size()) == members_.living_count();
}

bool Survival::may_tell(RankId rank, Instant now) {
  const auto [told, is_new] = told_.try_emplace(rank, now);
  if (!is_new && now - told->second < kTellAgain) return false;
  told->second = now;
  return true;
}

}  // namespace weir
