#include "runtime/control/coordinator_stack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/control/coordination_tree.hpp"
#include "tests/support/control_fakes.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Rank 0 has the coordinator of nodes 0 and 1, and above it the root, whose other child is rank 2.
struct TwoLevels {
  RecordingTransport transport{0, 3};
  std::vector<CoordinatorRole> roles{
      {.level = 1, .rank = RankId(0), .parent = RankId(0), .children = {RankId(0), RankId(1)}},
      {.level = 2, .rank = RankId(0), .parent = kNoRank, .children = {RankId(0), RankId(2)}}};
  CoordinatorStack stack{RankId(0), roles, {.interval = 100ms, .node_count = 3}, {}, transport};
};

TEST(CoordinatorStack, HasNothingToSayOnARankWithoutCoordinators) {
  RecordingTransport transport(1, 3);
  CoordinatorStack stack(RankId(1), {}, {.interval = 100ms}, {}, transport);
  EXPECT_TRUE(stack.empty());
  EXPECT_FALSE(stack.has_root());
  EXPECT_FALSE(stack.is_due(Instant(1h)));
  EXPECT_EQ(stack.next_due(), kNever);
  EXPECT_EQ(stack.next_answer(), kNever);
  EXPECT_FALSE(stack.take_own());
}

TEST(CoordinatorStack, TellsItsOwnNodeAndItsOwnLevelsWithoutAMessage) {
  TwoLevels rank;
  rank.stack.count_if_due(1, Instant(1s));
  // The root asks rank 2 and the coordinator below, and that one nodes 0 and 1.
  EXPECT_EQ(rank.transport.take<CountRequest>(2).size(), 1u);
  EXPECT_EQ(rank.transport.take<CountRequest>(1).size(), 1u);
  EXPECT_TRUE(rank.transport.sent.empty());
  EXPECT_EQ(rank.stack.sent_count(), 2u);
  const auto own = rank.stack.take_own();
  ASSERT_TRUE(own);
  EXPECT_TRUE(std::holds_alternative<CountRequest>(*own));
  EXPECT_FALSE(rank.stack.take_own());
}

TEST(CoordinatorStack, BringsAReportToTheCoordinatorThatHasItsSender) {
  TwoLevels rank;
  NodeReport report;
  report.node = RankId(1);
  report.sequence = 1;
  EXPECT_EQ(rank.stack.next_due(), kNever);
  rank.stack.on_message_from_below(report, RankId(1), Instant(1s));
  EXPECT_TRUE(rank.stack.is_due(Instant(2s)));
  rank.stack.tell(Instant(2s));
  EXPECT_TRUE(rank.transport.take<SubtreeReport>(0).empty()) << "it is on the same rank";
  const auto own = rank.stack.take_own();
  ASSERT_TRUE(own);
  const auto* view = std::get_if<MergedView>(&*own);
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->reports.at(0).node, RankId(1));
}

TEST(CoordinatorStackDeathTest, RefusesWhatIsForAnotherCoordinator) {
  TwoLevels rank;
  EXPECT_DEATH(rank.stack.on_message_from_below(NodeReport{}, RankId(7), Instant(1s)),
               "a rank took this one for its coordinator");
  EXPECT_DEATH(rank.stack.on_message_from_below(IdleToken{}, RankId(1), Instant(1s)),
               "what it has no use for");
}

// All ranks of a tree, without their nodes: only counts travel here.
class CountingRanks {
 public:
  CountingRanks(int rank_count, const TreeOptions& options)
      : tree_({.rank_count = rank_count, .host_of = {}, .switch_of = {}}, options) {
    for (int rank = 0; rank < rank_count; ++rank) {
      transports_.push_back(std::make_unique<RecordingTransport>(rank, rank_count));
      stacks_.emplace_back(RankId(rank), tree_.place_of(RankId(rank)).roles, CoordinatorOptions{},
                           std::vector<Advisor*>{}, *transports_.back());
    }
  }

  // Rounds until the epoch ends; every node answers that it has submitted and completed one task.
  // Returns the ranks that heard of the end, in order.
  std::vector<int> run_to_the_end() {
    for (int round = 0; round < 2; ++round) {
      now_ += 1s;
      stacks_[0].count_if_due(1, now_);
      while (step()) {
      }
    }
    std::ranges::sort(ended_);
    return ended_;
  }

  std::size_t most_messages_of_a_rank() const {
    std::uint64_t most = 0;
    for (const auto& stack : stacks_) most = std::max(most, stack.sent_count());
    return most;
  }

 private:
  // What some rank has sent arrives; false when nothing is under way.
  bool step() {
    bool any = false;
    for (std::size_t rank = 0; rank < stacks_.size(); ++rank) {
      while (auto own = stacks_[rank].take_own()) {
        any = true;
        hear(static_cast<int>(rank), static_cast<int>(rank), *own);
      }
      for (auto& sent : std::exchange(transports_[rank]->sent, {})) {
        any = true;
        hear(static_cast<int>(rank), sent.to.value(), sent.message);
      }
    }
    return any;
  }

  void hear(int from, int to, Message& message) {
    CoordinatorStack& stack = stacks_[static_cast<std::size_t>(to)];
    if (std::holds_alternative<CountAnswer>(message)) {
      stack.on_message_from_below(message, RankId(from), now_);
    } else if (from != to && !stack.empty()) {
      stack.on_message_from_above(message, RankId(from), now_);
    } else if (const auto* request = std::get_if<CountRequest>(&message)) {
      const RankId leaf = tree_.place_of(RankId(to)).leaf;
      Message answer = CountAnswer{request->epoch, request->round, 1, 1, true};
      hear(to, leaf.value(), answer);
    } else if (std::holds_alternative<EpochEnd>(message)) {
      ended_.push_back(to);
    }
  }

  CoordinationTree tree_;
  std::vector<std::unique_ptr<RecordingTransport>> transports_;
  std::vector<CoordinatorStack> stacks_;
  std::vector<int> ended_;
  Instant now_{};
};

TEST(CoordinatorStack, SumsCountsUpTheTreeAndTellsEveryRankOfTheEndOnce) {
  for (const int ranks : {1, 2, 7, 30, 100}) {
    CountingRanks all(ranks, {.fan_out = 4});
    std::vector<int> every_rank;
    for (int rank = 0; rank < ranks; ++rank) every_rank.push_back(rank);
    EXPECT_EQ(all.run_to_the_end(), every_rank) << ranks;
    // Two rounds and the end, to three other children at each of four levels, and two answers.
    EXPECT_LE(all.most_messages_of_a_rank(), 3u * 3 * 4 + 2) << ranks;
  }
}

}  // namespace
}  // namespace weir
