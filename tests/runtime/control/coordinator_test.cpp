#include "runtime/control/coordinator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/control/coordinator_stack.hpp"
#include "runtime/control/immediate_advisor.hpp"
#include "tests/support/control_fakes.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

NodeReport report_of(int node, std::uint32_t sequence = 1) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  return report;
}

// A coordinator, and what it has said since the last call of take().
struct Sitting {
  Sitting(CoordinatorRole role, const CoordinatorOptions& options, Advisor* advisor = nullptr)
      : coordinator(std::move(role), options, advisor) {}

  void hear(NodeReport report, Instant now = Instant(1s)) {
    coordinator.on(report, report.node, now, out);
  }

  // What was said to that rank, of one type; the rest is forgotten.
  template <typename M>
  std::vector<M> take(int rank) {
    std::vector<M> taken;
    for (const Outgoing& each : out) {
      const M* message = std::get_if<M>(&each.message);
      if (each.to == RankId(rank) && message != nullptr) taken.push_back(*message);
    }
    return taken;
  }

  Coordinator coordinator;
  Coordinator::Out out;
};

// Four nodes with a coordinator of their own; the first two place tasks.
Sitting flat_of_four(CoordinatorOptions options = {.interval = 100ms, .dispatcher_count = 2}) {
  return {flat_tree_place(RankId(0), 4).roles.front(), options};
}

TEST(Coordinator, PassesReportsOnToThoseThatPlaceTasks) {
  Sitting relay = flat_of_four();
  for (const int node : {2, 3, 0}) relay.hear(report_of(node));
  relay.coordinator.tell(Instant(1s), relay.out);
  ASSERT_EQ(relay.out.size(), 2u) << "ranks 2 and 3 place nothing";
  const auto views = relay.take<MergedView>(1);
  ASSERT_EQ(views.size(), 1u);
  ASSERT_EQ(views[0].reports.size(), 3u);
  EXPECT_EQ(views[0].reports[0].node, RankId(2)) << "in the order they came";
  EXPECT_EQ(relay.take<MergedView>(0).size(), 1u) << "the node on its own rank too";
}

TEST(Coordinator, PassesReportsOnToAllWhereNodesLookForWork) {
  Sitting relay = flat_of_four({.interval = 100ms, .dispatcher_count = 1, .all_read = true});
  relay.hear(report_of(0));
  relay.coordinator.tell(Instant(1s), relay.out);
  for (int rank = 0; rank < 4; ++rank) EXPECT_EQ(relay.take<MergedView>(rank).size(), 1u) << rank;
}

TEST(Coordinator, PassesOnTheNewestReportOfEachNodeOnce) {
  Sitting relay = flat_of_four();
  relay.hear(report_of(2, 1));
  relay.hear(report_of(0, 4));
  relay.hear(report_of(2, 3));
  relay.hear(report_of(2, 2));  // Overtaken.
  relay.coordinator.tell(Instant(1s), relay.out);
  const MergedView view = relay.take<MergedView>(1).at(0);
  ASSERT_EQ(view.reports.size(), 2u);
  EXPECT_EQ(view.reports[0].node, RankId(2));
  EXPECT_EQ(view.reports[0].sequence, 3u);
  EXPECT_EQ(relay.coordinator.next_due(), kNever);
}

TEST(Coordinator, HoldsReportsBackForAQuarterOfTheInterval) {
  Sitting relay = flat_of_four();
  relay.hear(report_of(3));
  relay.coordinator.tell(Instant(1s), relay.out);
  relay.hear(report_of(2));
  EXPECT_EQ(relay.coordinator.next_due(), Instant(1s + 25ms));
  relay.out.clear();
  relay.coordinator.tell(Instant(1s + 24ms), relay.out);
  EXPECT_TRUE(relay.out.empty());
  relay.coordinator.tell(Instant(1s + 25ms), relay.out);
  EXPECT_EQ(relay.take<MergedView>(1).size(), 1u);
}

TEST(CoordinatorDeathTest, RefusesAReportOfARankThatIsNotItsChild) {
  Sitting relay = flat_of_four();
  EXPECT_DEATH(relay.hear(report_of(4)), "not its child");
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
