#include "runtime/control/membership.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {

Membership::Membership(RankId self, int rank_count, int home_count)
    : self_(self), rank_count_(rank_count), home_count_(std::min(home_count, rank_count)) {
  WEIR_CHECK(rank_count > 0 && home_count > 0, "a job without ranks, or without homes");
}

std::vector<RankId> Membership::add(std::span<const RankId> out) {
  std::vector<RankId> news;
  for (const RankId rank : out) {
    if (rank.value() < 0 || rank.value() >= rank_count_) continue;
    if (out_.insert(rank).second) news.push_back(rank);
  }
  if (news.empty()) return news;
  std::uint64_t hash = 0;
  for (const RankId rank : out_) hash = mix_bits(hash ^ static_cast<std::uint64_t>(rank.value()));
  tag_ = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(hash));
  return news;
}

RankId Membership::first_from(int rank) const {
  for (; rank < rank_count_; ++rank) {
    if (!is_out(RankId(rank))) return RankId(rank);
  }
  return kNoRank;
}

// In the ring of the homes, itself last; kNoRank where none of them lives.
RankId Membership::next_home(RankId after) const {
  for (int step = 1; step <= home_count_; ++step) {
    const RankId next((after.value() + step) % home_count_);
    if (!is_out(next)) return next;
  }
  return kNoRank;
}

RankId Membership::substitute() const {
  return next_home(RankId(0)) == kNoRank ? first_from(home_count_) : kNoRank;
}

std::vector<RankId> Membership::homes() const {
  std::vector<RankId> living;
  for (int i = 0; i < home_count_; ++i) {
    if (!is_out(RankId(i))) living.emplace_back(i);
  }
  if (living.empty()) living.push_back(substitute());
  return living;
}

RankId Membership::keeper_of(RankId home) const {
  if (!is_out(home)) return home;
  const RankId next = next_home(home);
  return next == kNoRank ? substitute() : next;
}

RankId Membership::heir() const {
  const bool is_home = self_.value() < home_count_;
  const RankId next = is_home ? next_home(self_) : kNoRank;
  if (next != kNoRank && next != self_) return next;
  // Who is left beside the homes, in the order in which they would stand in for them.
  for (RankId other = first_from(home_count_); other != kNoRank;
       other = first_from(other.value() + 1)) {
    if (other != self_) return other;
  }
  return kNoRank;
}

}  // namespace weir
