#include "runtime/control/invariants.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

// Five tasks submitted: two are done, one of them after a failed attempt and one of them twice; two
// are at node 1, one waits to be asked for.
AgentState sound() {
  AgentState s;
  s.submitted = 5;
  s.completed = 2;
  s.retried = 1;
  s.reissued = 1;
  s.stale_ends = 1;
  s.ends_heard = 4;
  s.in_table = 3;
  s.most_in_table = 3;
  s.nowhere_in_table = s.unbound = 1;
  s.nodes.resize(2);
  s.nodes[1].in_table[0] = s.nodes[1].counted[0] = 2;
  s.nodes[1].credit = s.most_credit = 8;
  s.queued = s.most_queued = 16;
  return s;
}

TEST(Invariants, HoldForASoundRank) { EXPECT_EQ(broken_rule(sound()), ""); }

TEST(Invariants, NameWhatIsBroken) {
  const auto broken = [](auto change) {
    AgentState s = sound();
    change(s);
    return broken_rule(s);
  };
  EXPECT_EQ(broken([](auto& s) { ++s.completed; }),
            "tasks submitted are not those completed and those under way: 5, needed 6");
  EXPECT_EQ(broken([](auto& s) { ++s.ends_heard; }),
            "ends of attempts that had no effect: 5, needed 4");
  EXPECT_EQ(broken([](auto& s) { ++s.ends_heard, ++s.stale_ends; }),
            "an attempt ended twice: more ends count no longer than attempts were given up: 2, "
            "needed 1");
  EXPECT_EQ(broken([](auto& s) { --s.most_in_table; }),
            "more tasks under way than this home may have: 3, needed 2");
  EXPECT_EQ(broken([](auto& s) { --s.unbound; }), "tasks without an owner: 1, needed 0");
  EXPECT_EQ(broken([](auto& s) { ++s.nodes[1].counted[0]; }),
            "node 1: tasks of class 0 that are counted there: 3, needed 2");
  EXPECT_EQ(broken([](auto& s) { ++s.nodes[1].credit; }),
            "node 1: credit above its limit: 9, needed 8");
  EXPECT_EQ(broken([](auto& s) { s.nodes[0].suspected = true; }),
            "node 0: a suspected node has capacity");
  EXPECT_EQ(broken([](auto& s) { ++s.queued; }),
            "more tasks queued than credit allows: 17, needed 16");
}

// Two attempts of a task of rank 0 ran, and it has heard of one of them; rank 1 has handed over 3
// tasks and offers 2 more, which have arrived already.
std::vector<RankTotals> sound_ranks() {
  return {{.submitted = 4, .completed = 4, .reissued = 1, .ends_heard = 4, .moved_in = 5},
          {.attempts_ended = 5, .moved_out = 3, .offered = 2}};
}

TEST(Invariants, HoldOverAllRanks) { EXPECT_EQ(broken_rule(sound_ranks()), ""); }

TEST(Invariants, NameWhatIsBrokenOverAllRanks) {
  const auto broken = [](auto change) {
    std::vector<RankTotals> ranks = sound_ranks();
    change(ranks);
    return broken_rule(ranks);
  };
  EXPECT_EQ(broken([](auto& ranks) { --ranks[0].completed; }),
            "tasks completed by all ranks: 3, needed 4");
  EXPECT_EQ(broken([](auto& ranks) { --ranks[1].offered; }),
            "tasks that were handed over and did not arrive: 5, needed 3");
  EXPECT_EQ(broken([](auto& ranks) { ranks[0].moved_in = 2; }),
            "tasks that were handed over and did not arrive: 2, needed 3");
  EXPECT_EQ(broken([](auto& ranks) { ranks[0].reissued = 0; }),
            "ends of attempts that homes heard of: 4, needed 5");
  EXPECT_EQ(broken([](auto& ranks) { ranks[1].attempts_ended = 3; }),
            "ends of attempts that homes heard of: 4, needed 3");
}

}  // namespace
}  // namespace weir
