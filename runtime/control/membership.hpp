// Who takes part in a run whose ranks may die. A set of those that are out, which only grows: every
// rank adds what it finds and what it is told, in any order, so all come to know the same (a
// grow-only set; M. Shapiro et al., "Conflict-free replicated data types", SSS 2011).
//
// All else follows from the set, without a message: who is the root, who has taken the place of
// which home, and to whom a home gives the copy from which that one would go on. Homes form a ring:
// the next living one is the heir. Where all of them are out, the lowest living rank is.

#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

class Membership {
 public:
  // Ranks 0 to home_count - 1 are homes at first.
  Membership(RankId self, int rank_count, int home_count);

  // Returns those that were not known to be out.
  std::vector<RankId> add(std::span<const RankId> out);

  bool is_out(RankId rank) const { return out_.contains(rank); }
  bool self_is_out() const { return is_out(self_); }
  const std::set<RankId>& out() const { return out_; }
  // Equal where the sets are; zero while nobody is out.
  std::uint32_t tag() const { return tag_; }

  int living_count() const { return rank_count_ - static_cast<int>(out_.size()); }
  // False where most are out: then it is rather this rank that has lost the others.
  bool has_half() const { return 2 * living_count() >= rank_count_; }
  // The lowest that lives; while one does.
  RankId root() const { return first_from(0); }

  // Who has the tasks of a home, that is itself as long as it lives; while somebody does.
  RankId keeper_of(RankId home) const;
  // Who would have those of this rank; kNoRank where nobody else lives.
  RankId heir() const;
  // Who places tasks: the homes that live, or the substitute.
  std::vector<RankId> homes() const;
  // The rank that is a home because no other is any more; kNoRank while one of the first is.
  RankId substitute() const;

 private:
  RankId first_from(int rank) const;
  RankId next_home(RankId after) const;

  RankId self_;
  int rank_count_;
  int home_count_;
  std::set<RankId> out_;
  std::uint32_t tag_ = 0;
};

}  // namespace weir
