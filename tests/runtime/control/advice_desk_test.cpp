#include "runtime/control/advice_desk.hpp"

#include <gtest/gtest.h>

#include "runtime/control/immediate_advisor.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Advises what the number of reported nodes is.
class CountingPlanner final : public Planner {
 public:
  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant) override {
    float known = 0;
    for (const NodeReport& report : reports) known += report.sequence > 0 ? 1 : 0;
    if (known == 0) return std::nullopt;
    return Directive{.weights = {{known}}};
  }
};

// Keeps everything at home, and what it is told.
class FollowingPolicy final : public Policy {
 public:
  struct Told {
    std::vector<float> directives;
    int expired = 0;
  };
  explicit FollowingPolicy(Told& told) : told_(told) {}
  RankId place(const TaskView&, const ClusterView& cluster) override { return cluster.self; }
  void on_directive(const Directive& directive) override {
    told_.directives.push_back(directive.weights[0][0]);
  }
  void on_directive_expired() override { ++told_.expired; }
  std::unique_ptr<Planner> make_planner(int) const override {
    return std::make_unique<CountingPlanner>();
  }

 private:
  Told& told_;
};

std::vector<NodeReport> one_report() {
  std::vector<NodeReport> reports(1);
  reports[0].sequence = 1;
  return reports;
}

TEST(AdviceDesk, AsksAtMostOnceAnInterval) {
  ImmediateAdvisor advisor(std::make_unique<CountingPlanner>());
  AdviceDesk desk(advisor, 100ms);
  std::vector<int> answered;
  for (int ms = 0; ms <= 300; ms += 20) {
    desk.ask_if_due(one_report(), Instant(ms * 1ms));
    if (desk.try_take(Instant(ms * 1ms))) answered.push_back(ms);
  }
  EXPECT_EQ(answered, (std::vector<int>{0, 100, 200, 300}));
}

TEST(AdviceDesk, GivesDirectivesALifetime) {
  ImmediateAdvisor advisor(std::make_unique<CountingPlanner>());
  AdviceDesk desk(advisor, 100ms);
  desk.ask_if_due(one_report(), Instant(1s));
  EXPECT_EQ(desk.next_wakeup(), Instant(1s));
  const auto directive = desk.try_take(Instant(1s));
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->lifetime, 500ms);
  EXPECT_EQ(desk.next_wakeup(), kNever);
}

TEST(AdviceDesk, AsksAgainAfterAQuestionThatHadNoAnswer) {
  ImmediateAdvisor advisor(std::make_unique<CountingPlanner>());
  AdviceDesk desk(advisor, 100ms);
  desk.ask_if_due({}, Instant(0s));
  EXPECT_FALSE(desk.try_take(Instant(0s)).has_value());
  desk.ask_if_due(one_report(), Instant(200ms));
  EXPECT_TRUE(desk.try_take(Instant(200ms)).has_value());
}

// Rank 0 and rank 1 place tasks, rank 2 does not; the tasks keep them busy for two seconds.
struct AdvisedRun {
  explicit AdvisedRun(std::function<bool(RankId, Instant)> frozen = [](RankId, Instant) {
    return false;
  }) {
    VirtualCluster::Options options{.rank_count = 3};
    options.agent.dispatcher_count = 2;
    options.frozen = std::move(frozen);
    VirtualCluster cluster(
        options,
        [this](RankId rank) {
          return std::make_unique<FollowingPolicy>(told[static_cast<std::size_t>(rank.value())]);
        },
        [](RankId rank, Instant start) {
          return std::make_unique<EvenSource>(start, 1 + rank.value() * 1000ull,
                                              rank.value() < 2 ? 200 : 0, 10ms);
        });
    ended = cluster.run();
  }
  std::array<FollowingPolicy::Told, 3> told;
  bool ended = false;
};

TEST(NodeAgent, HandsDirectivesToAllHomesAndToNobodyElse) {
  const AdvisedRun run;
  ASSERT_TRUE(run.ended);
  // One every 100 ms for two seconds; the relay hears of its own at once, the other a little later.
  EXPECT_NEAR(static_cast<double>(run.told[0].directives.size()), 20, 4);
  EXPECT_NEAR(static_cast<double>(run.told[1].directives.size()), 20, 4);
  EXPECT_TRUE(run.told[2].directives.empty());
  EXPECT_EQ(run.told[0].directives.back(), 3);
  EXPECT_EQ(run.told[0].expired + run.told[1].expired, 0);
}

TEST(NodeAgent, TellsThePolicyOnceThatDirectivesStayAway) {
  // The relay stands still for a second in the middle.
  const AdvisedRun run([](RankId rank, Instant now) {
    return rank == RankId(0) && now >= Instant(500ms) && now < Instant(1500ms);
  });
  ASSERT_TRUE(run.ended);
  EXPECT_EQ(run.told[1].expired, 1);
}

}  // namespace
}  // namespace weir
