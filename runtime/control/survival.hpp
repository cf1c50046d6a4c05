// What a rank knows and keeps so that a run goes on when others die: who is out, the copies of
// homes that would become this one's, and at the root what the ranks have to say when it is over.
//
// The promises. A home's copy is at its heir, at most a copy interval old. When the home is found
// to be out, its heir goes on from the copy: what is complete by then counts, all else runs again.
// A completion that came after the copy is thereby forgotten with the home that heard it, so no
// task counts twice. A home without a copy (it and its heir died within the seconds that it takes
// to find one of them out) is begun anew: what completed there is forgotten with both.
//
// Pure: it decides, and NodeAgent sends.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/home_copies.hpp"
#include "runtime/control/membership.hpp"
#include "runtime/environment/advisor.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct SurvivalOptions {
  // A silent rank is suspected first, and is out when it has been suspected for so long.
  Duration out_after = std::chrono::seconds(1);
  Duration copy_interval = std::chrono::milliseconds(250);
  // A task that so many ranks were lost with may be what they died of. It is given to one more,
  // and has failed when that one is out as well; else it would take one rank after the other.
  std::uint32_t most_losses = 2;
  // The place of this rank where those are out.
  std::function<TreePlace(const std::set<RankId>& out)> place_without;
  // One for each role of the place, where the policy follows a plan; else none. They live as long
  // as the agent.
  std::function<std::vector<Advisor*>(const TreePlace& place)> advisors_of;
  // What this rank has to say of a run that is over; may be asked again when the run goes on after
  // all.
  std::function<Bytes(Instant now)> final_word;
  // At the root: all have had their word, and nobody may leave before this has told the result.
  // Where the root dies before or in it, the next one tells it; just after it, that may be twice.
  std::function<void()> conclude = {};
};

class Survival {
 public:
  Survival(RankId self, int rank_count, int home_count, const SurvivalOptions& options)
      : options_(options),
        self_(self),
        home_count_(home_count),
        members_(self, rank_count, home_count) {
    if (self.value() < home_count) homes_.insert(self);
  }

  const SurvivalOptions& options() const { return options_; }
  const Membership& members() const { return members_; }

  // These are out. Returns those that were not known to be, and forgets what was said of the end.
  std::vector<RankId> exclude(std::span<const RankId> ranks);
  // From now on this rank takes no part: it has left, or was found to be out, or has lost the
  // others.
  void end() { ended_ = true; }
  bool has_ended() const { return ended_; }
  bool is_fenced() const { return members_.self_is_out() || !members_.has_half(); }

  // The heir's copy is due. kNever where nobody could take it.
  Instant next_copy() const;
  HomeCopy copy(HomeCopies& copies, Instant now);
  void keep(RankId from, HomeCopy copy) { kept_[from] = std::move(copy); }
  // After exclude(): what this rank has to go on with, or to begin anew.
  void take_over(HomeCopies& copies);

  // At the root: true when nothing is missing any more.
  bool take_word(RankId from, FinalWord word);
  const std::map<RankId, FinalWord>& words() const { return words_; }
  // Homes that this rank has begun anew.
  const std::set<RankId>& restarted_homes() const { return restarted_; }

  // True once in a while: whether a rank that is out may be told so again.
  bool may_tell(RankId rank, Instant now);

 private:
  SurvivalOptions options_;
  RankId self_;
  int home_count_;
  Membership members_;
  std::set<RankId> homes_;           // whose tasks are here
  std::map<RankId, HomeCopy> kept_;  // by who sent it
  std::set<RankId> restarted_;
  std::map<RankId, FinalWord> words_;
  std::map<RankId, Instant> told_;
  Instant next_copy_{};
  bool ended_ = false;
};

}  // namespace weir
