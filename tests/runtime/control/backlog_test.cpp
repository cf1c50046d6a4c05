#include "runtime/control/backlog.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

constexpr ClassId kFirst{0};
constexpr ClassId kSecond{1};

// What nobody has measured.
constexpr ClassServices kUnknown{};

Backlog backlog(std::uint32_t workers, std::vector<ClassLoad> classes,
                const ClassServices& elsewhere = kUnknown) {
  return {workers, classes, elsewhere};
}

NodeReport report(double speed, std::vector<ClassLoad> classes) {
  NodeReport made;
  made.speed = speed;
  made.classes = std::move(classes);
  return made;
}

TEST(Backlog, IsThatOfANodeWithoutWorkersUnlessTheReportSaysOtherwise) {
  EXPECT_FALSE(Backlog().works());
  EXPECT_EQ(Backlog().queued(), 0u);
  EXPECT_TRUE(backlog(1, {}).works());
}

TEST(Backlog, CountsQueuedTasksOfEachClassAndOfAll) {
  const Backlog found = backlog(2, {{.queued = 3, .running = 1}, {.queued = 4, .running = 1}});
  EXPECT_EQ(found.queued(kFirst), 3u);
  EXPECT_EQ(found.queued(kSecond), 4u);
  EXPECT_EQ(found.queued(), 7u);
}

TEST(Backlog, TakesTheServiceMeasuredElsewhereOnlyWhereTheNodeHasMeasuredNone) {
  const Backlog found = backlog(1, {{.mean_service_s = 0.25}, {}}, {0.5, 2});
  EXPECT_EQ(found.service_s(kFirst), 0.25);
  EXPECT_EQ(found.service_s(kSecond), 2);
  EXPECT_EQ(found.service_s(ClassId(2)), 0) << "known nowhere";
}

TEST(Backlog, WaitsForTheWorkOfAllClassesOverAllWorkers) {
  // 4 x 1 s and 8 x 0.5 s for two workers.
  const Backlog found = backlog(2, {{.queued = 4, .running = 2, .mean_service_s = 1},
                                    {.queued = 8, .running = 0, .mean_service_s = 0.5}});
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 4);
  EXPECT_DOUBLE_EQ(found.wait_s(kSecond), 4);
}

TEST(Backlog, HasRoomForOneTaskOfEveryIdleWorker) {
  const Backlog found = backlog(4, {{.queued = 0, .running = 1, .mean_service_s = 1}});
  EXPECT_DOUBLE_EQ(found.drain_s(kFirst), -0.75) << "three tasks of a second, over four workers";
  EXPECT_EQ(found.wait_s(kFirst), 0);
}

TEST(Backlog, HasNoIdleWorkersWhereMoreTasksRunThanItHasWorkers) {
  const Backlog found = backlog(1, {{.queued = 0, .running = 3, .mean_service_s = 1}});
  EXPECT_EQ(found.drain_s(kFirst), 0);
}

TEST(Backlog, LetsAClassAtItsLimitWaitForItself) {
  // Two of four workers may run the class, and do; six wait, 1 s each.
  const Backlog found = backlog(4, {{.queued = 6, .running = 2, .mean_service_s = 1, .limit = 2},
                                    {.queued = 0, .running = 1, .mean_service_s = 1}});
  EXPECT_EQ(found.workers_for(kFirst), 2);
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 3);
}

TEST(Backlog, LetsWaitOnlyWhatIsBeyondTheLimit) {
  // Two of the four may start at once.
  const Backlog found = backlog(8, {{.queued = 4, .running = 1, .mean_service_s = 1, .limit = 3},
                                    {.queued = 0, .running = 5, .mean_service_s = 1}});
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 2.0 / 3);
}

TEST(Backlog, LetsAClassPassALimitThatDoesNotBindYet) {
  // Six of the eight are to be busy for that.
  const Backlog found = backlog(8, {{.queued = 0, .running = 3, .mean_service_s = 1, .limit = 1}});
  EXPECT_LT(found.drain_s(kFirst), 0);
}

TEST(Backlog, DoesNotLetAClassAtItsLimitHoldUpOthers) {
  const Backlog found = backlog(4, {{.queued = 6, .running = 2, .mean_service_s = 1, .limit = 2},
                                    {.queued = 0, .running = 1, .mean_service_s = 1}});
  EXPECT_EQ(found.wait_s(kSecond), 0) << "one worker is idle";
  EXPECT_GT(found.wait_s(kFirst), 0);
}

TEST(Backlog, LetsAClassBelowItsLimitWaitForWorkersLikeAnyOther) {
  // It could run twice more, but the only worker has 5 s of the other class before it.
  const Backlog found = backlog(1, {{.queued = 0, .running = 0, .mean_service_s = 1, .limit = 2},
                                    {.queued = 5, .running = 1, .mean_service_s = 1}});
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 5);
}

TEST(Backlog, GivesAClassNoMoreWorkersThanThereAre) {
  const Backlog found = backlog(2, {{.limit = 7}, {}});
  EXPECT_EQ(found.workers_for(kFirst), 2);
  EXPECT_EQ(found.workers_for(kSecond), 2);
}

TEST(Backlog, GrowsAndShrinksWithWhatIsPlanned) {
  Backlog found = backlog(1, {{.queued = 5, .running = 1, .mean_service_s = 1}});
  found.remove(kFirst, 3);
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 2);
  found.add(kFirst, 8);
  EXPECT_EQ(found.queued(), 10u);
  EXPECT_DOUBLE_EQ(found.wait_s(kFirst), 10);
}

TEST(MeanServices, AreThoseOfANodeOfSpeedOneOverTheNodesThatKnowTheClass) {
  // 0.5 s at speed 2 and 2 s at speed 1 are 1 s and 2 s of work.
  const ClassServices means =
      mean_services(std::vector<NodeReport>{report(2, {{.mean_service_s = 0.5}, {}}),
                                            report(1, {{.mean_service_s = 2}, {}}), report(9, {})});
  EXPECT_DOUBLE_EQ(means[0], 1.5);
  EXPECT_EQ(means[1], 0) << "no node has measured it";
}

TEST(MeanServices, TakeAFastNodeLessTime) {
  EXPECT_EQ(at_speed({3, 1}, 2), (ClassServices{1.5, 0.5}));
  EXPECT_EQ(at_speed({3, 1}, 0), (ClassServices{3, 1})) << "a node that does not tell its speed";
}

}  // namespace
}  // namespace weir
