#include "runtime/control/capacity_desk.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace weir {
namespace {

using namespace std::chrono_literals;

CoordinatorRole role_of(int level, std::vector<int> children, RankId parent = kNoRank) {
  CoordinatorRole role;
  role.rank = RankId(children.front());
  role.level = level;
  role.parent = parent;
  for (const int child : children) role.children.emplace_back(child);
  return role;
}

// Of one class.
CapacityReport report_of(std::uint32_t sequence, double installed, std::uint64_t submitted = 0) {
  CapacityReport report{.sequence = sequence, .installed = installed, .classes = {{}}};
  report.classes[0].submitted = submitted;
  return report;
}

// A desk and what it says.
struct Sitting {
  explicit Sitting(CoordinatorRole role, const CapacityPlannerOptions& options = {})
      : desk(std::move(role), options, nullptr) {}

  void tell() {
    out.clear();
    desk.tell(desk.next_due(), out);
  }
  std::vector<double> ordered() const {
    std::vector<double> capacities;
    for (const Outgoing& each : out) {
      capacities.push_back(std::get<CapacityOrder>(each.message).capacity);
    }
    return capacities;
  }

  CapacityDesk desk;
  CapacityDesk::Out out;
};

TEST(CapacityDesk, SumsWhatItsChildrenReport) {
  Sitting sitting(role_of(1, {4, 5}, RankId(0)));
  CapacityReport first{1, 8, {{10, 4, 2, 6, 1.5, 20}, {1, 1, 1, 0, 0}}};
  CapacityReport second{1, 16, {{20, 8, 6, 12, 2.5, 7}}};
  sitting.desk.on(first, 0, Instant(1s));
  sitting.desk.on(second, 1, Instant(1s));
  sitting.tell();
  ASSERT_EQ(sitting.out.size(), 1U);
  EXPECT_EQ(sitting.out[0].to, RankId(0));
  EXPECT_EQ(sitting.out[0].level, 2);
  const auto& sum = std::get<CapacityReport>(sitting.out[0].message);
  EXPECT_EQ(sum.installed, 24);
  ASSERT_EQ(sum.classes.size(), 2U);
  EXPECT_EQ(sum.classes[0].submitted, 30U);
  EXPECT_EQ(sum.classes[0].in_flight, 12U);
  EXPECT_EQ(sum.classes[0].running, 8U);
  EXPECT_EQ(sum.classes[0].served, 18U);
  EXPECT_EQ(sum.classes[0].work_s, 4.0);
  EXPECT_EQ(sum.classes[0].event_in_s, 7) << "the next one";
  EXPECT_EQ(sum.classes[1].submitted, 1U);
  EXPECT_FALSE(sum.classes[1].event_in_s);
}

TEST(CapacityDesk, WaitsALittleForTheOthersAndThenTellsOnceASecond) {
  Sitting sitting(role_of(1, {4, 5}, RankId(0)));
  EXPECT_EQ(sitting.desk.next_due(), kNever);
  sitting.desk.on(report_of(1, 8), 0, Instant(1s));
  EXPECT_EQ(sitting.desk.next_due(), Instant(1s) + CapacityDesk::kGather);
  sitting.desk.on(report_of(1, 8), 1, Instant(1s + 20ms));
  sitting.tell();
  EXPECT_EQ(sitting.desk.next_due(), kNever) << "nothing is new";
  sitting.desk.on(report_of(2, 8), 0, Instant(1s + 300ms));
  EXPECT_EQ(sitting.desk.next_due(), Instant(2s) + CapacityDesk::kGather);
}

TEST(CapacityDesk, SwitchesNodesOfItsClusterAsItIsOrdered) {
  Sitting sitting(role_of(1, {4, 5, 6}, RankId(0)));
  for (const std::size_t child : {0, 1, 2}) sitting.desk.on(report_of(1, 8), child, Instant(1s));
  sitting.desk.on(CapacityOrder{3, 16}, Instant(1s), sitting.out);
  EXPECT_EQ(sitting.ordered(), (std::vector<double>{8, 8, 0}));
  EXPECT_EQ(sitting.out[2].to, RankId(6));
  EXPECT_EQ(sitting.out[2].level, 0);
  EXPECT_EQ(std::get<CapacityOrder>(sitting.out[2].message).sequence, 3U);
}

TEST(CapacityDesk, DividesAnOrderEvenlyOverPartsOfTheTree) {
  Sitting sitting(role_of(2, {0, 4}, RankId(9)));
  sitting.desk.on(report_of(1, 20), 0, Instant(1s));
  sitting.desk.on(report_of(1, 10), 1, Instant(1s));
  sitting.desk.on(CapacityOrder{1, 15}, Instant(1s), sitting.out);
  EXPECT_EQ(sitting.ordered(), (std::vector<double>{10, 5}));
  EXPECT_EQ(sitting.out[0].level, 1);
}

TEST(CapacityDesk, HeedsNoOrderThatANewerOneHasOvertaken) {
  Sitting sitting(role_of(1, {4}, RankId(0)));
  sitting.desk.on(report_of(1, 8), 0, Instant(1s));
  sitting.desk.on(CapacityOrder{3, 8}, Instant(1s), sitting.out);
  sitting.out.clear();
  sitting.desk.on(CapacityOrder{2, 0}, Instant(1s), sitting.out);
  sitting.desk.on(CapacityOrder{3, 8}, Instant(1s), sitting.out);
  EXPECT_TRUE(sitting.out.empty());
}

TEST(CapacityDesk, CountsOnNoChildThatHasFallenSilent) {
  Sitting sitting(role_of(1, {4, 5, 6}, RankId(0)));
  for (const std::size_t child : {0, 1, 2}) sitting.desk.on(report_of(1, 8), child, Instant(1s));
  sitting.tell();
  sitting.out.clear();
  const Instant later = Instant(1s) + CapacityDesk::kLongestSilence + 1s;
  sitting.desk.on(report_of(2, 8), 1, later);
  sitting.desk.on(report_of(2, 8), 2, later);
  sitting.desk.on(CapacityOrder{1, 16}, later, sitting.out);
  EXPECT_EQ(sitting.ordered(), (std::vector<double>{8, 8})) << "the first is told nothing";
  sitting.tell();
  EXPECT_EQ(std::get<CapacityReport>(sitting.out[0].message).installed, 16);
}

TEST(CapacityDesk, KeepsWhatTheHomesOfASilentChildHaveCounted) {
  Sitting sitting(role_of(1, {4, 5}, RankId(0)));
  sitting.desk.on(report_of(1, 8, 100), 0, Instant(1s));
  sitting.desk.on(report_of(1, 8, 10), 1, Instant(1s) + CapacityDesk::kLongestSilence + 1s);
  sitting.tell();
  const auto& sum = std::get<CapacityReport>(sitting.out[0].message);
  EXPECT_EQ(sum.classes[0].submitted, 110U);
}

TEST(CapacityDesk, PlansAtTheRootAndTellsItsPlanEverySecond) {
  Sitting root(role_of(1, {0, 1, 2}));
  std::uint32_t sequence = 0;
  for (Instant now(1s); now < Instant(20s); now += 1s) {
    ++sequence;
    for (const std::size_t child : {0, 1, 2}) root.desk.on(report_of(sequence, 8), child, now);
    root.tell();
    ASSERT_EQ(root.out.size(), 3U);
    EXPECT_EQ(std::get<CapacityOrder>(root.out[0].message).sequence, sequence);
  }
  EXPECT_EQ(root.ordered(), (std::vector<double>{8, 0, 0})) << "nothing arrives";
}

}  // namespace
}  // namespace weir
