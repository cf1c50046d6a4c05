// `weir run --survive`: ranks may die, and the others finish the run. Its end needs no call that is
// collective, which a dead rank would hold up for ever: every rank says its part of the result to
// the root, in the loop, and the root puts them together and lets all leave.

#pragma once

#include <string>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/control/survival.hpp"
#include "tools/result/run_result.hpp"
#include "tools/run/home_shares.hpp"
#include "tools/run/joint_result.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// Throws Error where the options do not go with it.
void check_survival(const RunOptions& options);

// What this rank contributes to the result: of its own home, and of those that it went on for.
// `done_earlier`: of its shares by earlier parts of the run, which are counted elsewhere.
Bytes encode_surviving_part(const RunTally& tally, const HomeShares& shares,
                            std::uint64_t done_earlier, RankResult own);

// At the root: what the ranks have said, added to `head`, whose tally is empty. Ranks that are out
// have an entry without anything.
RunResult result_of_words(const Survival& survival, int rank_count, RunResult head);

// After the result: what the deaths have cost. Empty: little.
std::string restart_report(const Survival& survival);
// On the root: puts the segments of all ranks together, those of the dead as far as they got, when
// the living have closed theirs. `failure` of its own as merge_records has it. Tells what is
// incomplete. False where the record is not, but for the dead.
bool merge_survivors(const JointRecord& record, const Survival& survival, RankId self,
                     int rank_count, const std::string& failure);

}  // namespace weir
