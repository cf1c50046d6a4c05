#include "runtime/control/migration_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInterval = 100ms;

// What was said of moves.
struct Witness final : MoveObserver {
  void on_decided(const DecidedMove& move, Instant) override { decided.push_back(move); }
  void on_done(const MoveDone& move, Instant) override { done.push_back(move); }
  std::vector<DecidedMove> decided;
  std::vector<MoveDone> done;
};

// A coordinator of three nodes of one worker, or of three clusters; a task takes 10 ms.
struct Desk {
  explicit Desk(int level = 1, RankId parent = kNoRank)
      : desk({.level = level,
              .rank = RankId(0),
              .parent = parent,
              .children = {RankId(0), RankId(10), RankId(20)}},
             {.interval = kInterval, .oldest = 1s}, &witness),
        reports(3),
        entries(level > 1 ? 3 : 0) {
    for (std::size_t i = 0; i < 3; ++i) report(i, 0, 0);
  }

  void report(std::size_t child, std::uint32_t queued, std::uint32_t running) {
    NodeReport& report = reports[child];
    ++report.sequence;
    report.node = RankId(static_cast<std::int32_t>(10 * child));
    report.made = now;
    report.worker_count = 1;
    report.classes = {{.queued = queued, .running = running, .mean_service_s = .01}};
    desk.on_report();
  }
  void plan() { desk.plan(reports, entries, now, out); }
  void done(std::uint32_t number, std::uint32_t moved) {
    desk.on(MoveDone{number, 1, moved, 100 * moved, 1ms}, reports, now, out);
  }
  // So that it moves more than a few at a time.
  void learn_cost() {
    report(0, 400, 1);
    plan();
    for (const MoveOrder& order : take<MoveOrder>(0)) done(order.number, 16);
    now += 20 * kInterval;
    for (std::size_t i = 0; i < 3; ++i) report(i, 0, 0);
  }

  template <typename M>
  std::vector<M> take(int rank) {
    std::vector<M> taken;
    std::erase_if(out, [&](const Outgoing& each) {
      const M* message = std::get_if<M>(&each.message);
      if (each.to != RankId(rank) || message == nullptr) return false;
      taken.push_back(*message);
      return true;
    });
    return taken;
  }

  Witness witness;
  MigrationDesk desk;
  Instant now{10s};
  std::vector<NodeReport> reports;
  std::vector<std::vector<EntryCluster>> entries;
  std::vector<Outgoing> out;
};

TEST(MigrationDesk, OrdersTheOneWithTheLongestWaitToGiveToTheOthers) {
  Desk desk;
  desk.report(0, 400, 1);
  EXPECT_EQ(desk.desk.next_due(), Instant{} + kInterval);
  desk.plan();
  EXPECT_EQ(desk.desk.next_due(), kNever) << "until something new is reported";
  const auto orders = desk.take<MoveOrder>(0);
  ASSERT_EQ(orders.size(), 2u);
  EXPECT_NE(orders[0].to, orders[1].to);
  EXPECT_EQ(orders[0].count, 16u) << "what a move costs is not known";
  EXPECT_NE(orders[0].number, orders[1].number);
}

TEST(MigrationDesk, SaysOfEveryOrderWhatItKnewAndWhy) {
  Desk desk;
  desk.report(0, 400, 1);
  desk.plan();
  ASSERT_EQ(desk.witness.decided.size(), 2u);
  const DecidedMove& move = desk.witness.decided[0];
  EXPECT_EQ(move.kind, MoveKind::kOrder);
  EXPECT_EQ(move.from, RankId(0));
  EXPECT_NEAR(move.why.wait_from_s, 4, .1);
  EXPECT_EQ(move.why.wait_to_s, 0);
  EXPECT_GT(move.why.gain_s, move.why.cost_s + move.why.margin_s);
  ASSERT_EQ(move.candidates.size(), 3u);
  EXPECT_EQ(move.candidates[0].queued, 400u);
  desk.done(move.number, 16);
  ASSERT_EQ(desk.witness.done.size(), 1u);
  EXPECT_EQ(desk.witness.done[0].moved, 16u);
}

TEST(MigrationDesk, WaitsForAnswersAndForReportsAfterThem) {
  Desk desk;
  desk.report(0, 400, 1);
  desk.plan();
  const auto orders = desk.take<MoveOrder>(0);
  desk.now += kInterval;
  desk.report(0, 380, 1);
  desk.plan();
  EXPECT_TRUE(desk.take<MoveOrder>(0).empty()) << "no answer yet";
  for (const MoveOrder& order : orders) desk.done(order.number, 16);
  desk.plan();
  EXPECT_TRUE(desk.take<MoveOrder>(0).empty()) << "what is known is older than the move";
  desk.now += kInterval;
  desk.report(0, 368, 1);
  desk.report(1, 10, 1);
  desk.plan();
  ASSERT_EQ(desk.take<MoveOrder>(0).size(), 1u) << "the third has not reported";
}

TEST(MigrationDesk, GoesOnWithoutAnAnswerAfterAWhile) {
  Desk desk;
  desk.report(0, 400, 1);
  desk.plan();
  EXPECT_EQ(desk.take<MoveOrder>(0).size(), 2u);
  desk.now += 10 * kInterval;
  for (std::size_t i = 0; i < 3; ++i) desk.report(i, i == 0 ? 300 : 0, 1);
  desk.plan();
  EXPECT_EQ(desk.take<MoveOrder>(0).size(), 2u);
}

TEST(MigrationDesk, MovesNothingBackForAWhile) {
  Desk desk;
  desk.report(0, 400, 1);
  desk.report(2, 200, 1);
  desk.plan();
  for (const MoveOrder& order : desk.take<MoveOrder>(0)) desk.done(order.number, 16);
  for (const MoveOrder& order : desk.take<MoveOrder>(20)) desk.done(order.number, 16);
  desk.now += kInterval;
  desk.report(0, 0, 0);
  desk.report(1, 400, 1);
  desk.report(2, 400, 1);
  desk.plan();
  for (const MoveOrder& order : desk.take<MoveOrder>(10)) EXPECT_NE(order.to, RankId(0));
  desk.now += 20 * kInterval;
  desk.report(0, 0, 0);
  desk.report(1, 400, 1);
  desk.report(2, 400, 1);
  desk.plan();
  EXPECT_FALSE(desk.out.empty());
}

TEST(MigrationDesk, LeavesAChildAloneThatCouldGiveNothing) {
  Desk desk;
  int orders = 0;
  for (int tick = 0; tick < 64; ++tick) {
    for (std::size_t i = 0; i < 3; ++i) desk.report(i, i == 0 ? 400 : 0, 1);
    desk.plan();
    for (const MoveOrder& order : desk.take<MoveOrder>(0)) {
      ++orders;
      desk.done(order.number, 0);
    }
    desk.now += kInterval;
  }
  EXPECT_GT(orders, 2);
  EXPECT_LT(orders, 20);
}

TEST(MigrationDesk, TellsThoseThatWillSoonBeIdleWhomToAsk) {
  Desk desk;
  desk.learn_cost();
  // The second has work for 60 ms, and the order goes to the third.
  desk.report(0, 2000, 1);
  desk.report(1, 6, 1);
  desk.report(2, 150, 1);
  desk.plan();
  for (const MoveOrder& order : desk.take<MoveOrder>(0)) desk.done(order.number, 16);
  desk.now += kInterval;
  desk.report(0, 1900, 1);
  desk.report(2, 150, 1);  // The second is silent since, so it gets no order.
  desk.plan();
  const auto hints = desk.take<StealHint>(10);
  ASSERT_FALSE(hints.empty());
  EXPECT_EQ(hints.back().victim, RankId(0));
  EXPECT_TRUE(desk.take<StealHint>(0).empty());
  const std::size_t before = desk.witness.decided.size();
  desk.done(hints.back().number, 1);
  ASSERT_EQ(desk.witness.decided.size(), before + 1) << "only a hint that was followed is a move";
  EXPECT_EQ(desk.witness.decided.back().kind, MoveKind::kHint);
}

NodeReport entry(int node, std::uint32_t queued) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = 1;
  report.worker_count = 1;
  report.classes = {{.queued = queued, .running = 1, .mean_service_s = .01}};
  return report;
}

TEST(MigrationDesk, SendsAQuotaWithNodesOfTheOtherClusterThatHaveRoom) {
  Desk top(2);
  top.entries[1] = {
      {.cluster = RankId(10),
       .shares = {1},
       .nodes = {
           {.report = entry(11, 0)}, {.report = entry(12, 100'000)}, {.report = entry(13, 0)}}}};
  top.report(0, 400, 1);
  top.plan();
  const auto quotas = top.take<MoveQuota>(0);
  ASSERT_EQ(quotas.size(), 1u) << "of the third cluster no nodes are known";
  EXPECT_EQ(quotas[0].level, 2);
  ASSERT_EQ(quotas[0].targets.size(), 2u);
  EXPECT_EQ(quotas[0].targets[0].node, RankId(11));
  EXPECT_EQ(quotas[0].targets[1].node, RankId(13));
  EXPECT_EQ(quotas[0].targets[0].count + quotas[0].targets[1].count, 16u);
  EXPECT_EQ(top.witness.decided.at(0).kind, MoveKind::kQuota);
}

TEST(MigrationDesk, MakesOrdersOfAQuotaAndTellsWhatBecameOfThem) {
  Desk desk(1, RankId(90));
  desk.report(0, 30, 1);
  desk.report(1, 100, 1);
  desk.desk.on(MoveQuota{5, 2, ClassId(0), {{RankId(40), 20}, {RankId(41), 20}}}, desk.reports,
               desk.now, desk.out);
  std::uint32_t ordered = 0;
  for (const int child : {0, 10}) {
    for (const MoveOrder& order : desk.take<MoveOrder>(child)) {
      EXPECT_TRUE(order.to == RankId(40) || order.to == RankId(41));
      ordered += order.count;
      desk.done(order.number, order.count);
    }
  }
  EXPECT_EQ(ordered, 40u);
  std::uint32_t told = 0;
  for (const MoveDone& done : desk.take<MoveDone>(90)) {
    EXPECT_EQ(done.number, 5u);
    EXPECT_EQ(done.level, 2);
    told += done.moved;
  }
  EXPECT_EQ(told, 40u);
}

TEST(MigrationDesk, PassesWhatIsOfHigherLevelsOnUpAndDown) {
  Desk middle(2, RankId(90));
  middle.report(1, 100, 1);
  middle.desk.on(MoveQuota{5, 3, ClassId(0), {{RankId(40), 20}}}, middle.reports, middle.now,
                 middle.out);
  const auto quotas = middle.take<MoveQuota>(10);
  ASSERT_EQ(quotas.size(), 1u);
  EXPECT_EQ(quotas[0].level, 3);
  EXPECT_EQ(quotas[0].targets.at(0).count, 20u);
  middle.desk.on(MoveDone{5, 3, 20, 100, 1ms}, middle.reports, middle.now, middle.out);
  EXPECT_EQ(middle.take<MoveDone>(90).size(), 1u);
}

// A cluster whose nodes do what they are ordered to, run tasks at random, and give nothing away
// that has moved before.
class Cluster {
 public:
  explicit Cluster(std::uint64_t seed) : random_(seed) {
    const auto count = 2 + random_.below(8);
    const auto classes = 1 + random_.below(3);
    CoordinatorRole role{.level = 1, .rank = RankId(0)};
    for (std::uint64_t i = 0; i < count; ++i) {
      role.children.emplace_back(static_cast<std::int32_t>(i));
      NodeReport report;
      report.node = RankId(static_cast<std::int32_t>(i));
      report.worker_count = static_cast<std::uint32_t>(1 + random_.below(8));
      for (std::uint64_t c = 0; c < classes; ++c) {
        report.classes.push_back(
            {.queued = random_.below(2) == 0 ? static_cast<std::uint32_t>(random_.below(2000)) : 0,
             .mean_service_s = .002 + .02 * random_.uniform()});
      }
      report.classes[0].running = report.worker_count;
      reports.push_back(std::move(report));
      moved_here.emplace_back(classes);
    }
    desk.emplace(role, MigrationOptions{kInterval, 1s}, nullptr);
  }

  // One interval. Returns the orders.
  std::vector<std::pair<RankId, MoveOrder>> tick() {
    for (std::size_t i = 0; i < reports.size(); ++i) {
      NodeReport& report = reports[i];
      ++report.sequence;
      report.made = now;
      for (std::size_t c = 0; c < report.classes.size(); ++c) {
        auto& queued = report.classes[c].queued;
        queued -= static_cast<std::uint32_t>(random_.below(1 + std::min(queued, 20u)));
        queued += static_cast<std::uint32_t>(random_.below(20));
        moved_here[i][c] = std::min(moved_here[i][c], queued);
      }
      desk->on_report();
    }
    std::vector<Outgoing> out;
    desk->plan(reports, {}, now, out);
    std::vector<std::pair<RankId, MoveOrder>> orders;
    for (const Outgoing& each : out) {
      const auto* order = std::get_if<MoveOrder>(&each.message);
      if (order == nullptr) continue;
      orders.emplace_back(each.to, *order);
      carry_out(each.to, *order);
    }
    now += kInterval;
    return orders;
  }

  std::optional<MigrationDesk> desk;
  std::vector<NodeReport> reports;
  std::vector<std::vector<std::uint32_t>> moved_here;  // of what is queued, by node and class
  Instant now{10s};

 private:
  void carry_out(RankId from, const MoveOrder& order) {
    const auto giver = static_cast<std::size_t>(from.value());
    const auto taker = static_cast<std::size_t>(order.to.value());
    const std::size_t c = order.task_class.value();
    auto& queued = reports[giver].classes[c].queued;
    const std::uint32_t moved = std::min(order.count, queued - moved_here[giver][c]);
    queued -= moved;
    reports[taker].classes[c].queued += moved;
    moved_here[taker][c] += moved;
    std::vector<Outgoing> out;
    desk->on(MoveDone{order.number, 1, moved, 72 * moved, 1ms}, reports, now, out);
  }

  Random random_;
};

TEST(MigrationDesk, NeverMovesToAndFroInThousandsOfRandomClusters) {
  std::size_t orders = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Cluster cluster(seed);
    std::map<std::pair<RankId, RankId>, int> last;
    for (int tick = 0; tick < 30; ++tick) {
      for (const auto& [from, order] : cluster.tick()) {
        ++orders;
        const auto back = last.find({order.to, from});
        ASSERT_TRUE(back == last.end() || tick - back->second >= 10)
            << "seed " << seed << ", tick " << tick;
        last[{from, order.to}] = tick;
      }
    }
  }
  EXPECT_GT(orders, 10'000u);
}

}  // namespace
}  // namespace weir
