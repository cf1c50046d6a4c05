#include "runtime/control/contention_pool.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"
#include "runtime/control/contention_estimator.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

ContentionReport report_of(float weight, std::uint8_t task_class = 1) {
  ContentionSums sums{.residual = 2 * weight, .freedom = weight, .spread = {}, .shared = {}};
  sums.spread[3] = weight;
  sums.shared[3] = weight / 2;
  return {{{ClassId(task_class), sums}}};
}

TEST(ContentionPool, AddsUpTheNewestSumsOfEachChild) {
  ContentionPool pool(2);
  EXPECT_EQ(pool.next_due(), kNever);
  pool.on_report(0, report_of(10));
  pool.on_report(1, report_of(5));
  pool.on_report(0, report_of(20));
  const auto all = pool.tell(Instant(1s));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].task_class, ClassId(1));
  EXPECT_FLOAT_EQ(all[0].sums.freedom, 25);
  EXPECT_FLOAT_EQ(all[0].sums.residual, 50);
  EXPECT_FLOAT_EQ(all[0].sums.spread[3], 25);
  EXPECT_FLOAT_EQ(all[0].sums.shared[3], 12.5);
}

TEST(ContentionPool, SpeaksNoMoreOftenThanItsInterval) {
  ContentionPool pool(1);
  pool.on_report(0, report_of(10));
  pool.tell(Instant(1s));
  EXPECT_EQ(pool.next_due(), kNever);
  pool.on_report(0, report_of(11));
  EXPECT_EQ(pool.next_due(), Instant(1s + kContentionInterval));
}

// `nodes` of 32 cores run so many blocks of a class that slows down from the knee at 11 on.
struct Nodes {
  explicit Nodes(std::size_t count) : estimators(count, ContentionEstimator(32)), pool(count) {}

  void run(int blocks, int tasks_per_block) {
    for (int block = 0; block < blocks; ++block) {
      for (ContentionEstimator& each : estimators) {
        for (int i = 0; i < tasks_per_block; ++i) {
          const auto running = 1 + static_cast<std::uint32_t>(random.below(32));
          const double slower = 1 + std::max(0.0, running - 11.0) / 11;
          each.add(running, std::log(random.exponential(1) * slower));
        }
        each.close_block(0);
      }
    }
  }

  void share() {
    for (std::size_t i = 0; i < estimators.size(); ++i) {
      pool.on_report(i, {{{ClassId(0), estimators[i].own()}}});
    }
    const ContentionSums all = pool.tell(Instant(1s)).at(0).sums;
    for (ContentionEstimator& each : estimators) {
      ContentionSums others = all;
      add(each.own(), -1, others);
      each.borrow(others);
    }
  }

  Random random{5};
  std::vector<ContentionEstimator> estimators;
  ContentionPool pool;
};

TEST(ContentionPool, LetsNodesKnowTogetherWhatNoneKnowsAlone) {
  Nodes nodes(20);
  nodes.run(1, 40);
  for (const ContentionEstimator& each : nodes.estimators) ASSERT_EQ(each.limit(), 0U);
  nodes.share();
  for (const ContentionEstimator& each : nodes.estimators) {
    EXPECT_GE(each.limit(), 9U);
    EXPECT_LE(each.limit(), 16U);
  }
}

TEST(ContentionPool, LeavesANodeThatIsUnlikeTheOthersItsOwnMind) {
  Nodes nodes(20);
  nodes.run(20, 40);
  nodes.share();
  ContentionEstimator unlike(32);
  ContentionSums all{};
  for (const ContentionEstimator& each : nodes.estimators) add(each.own(), 1, all);
  unlike.borrow(all);
  const std::uint32_t borrowed = unlike.limit();
  ASSERT_GT(borrowed, 0U);
  Random random(9);
  int blocks = 0;
  for (; unlike.limit() > 0 && blocks < 1000; ++blocks) {
    for (int i = 0; i < 40; ++i) {
      const auto running = 1 + static_cast<std::uint32_t>(random.below(unlike.limit_to_try()));
      unlike.add(running, std::log(random.exponential(1)));
    }
    unlike.close_block(0);
  }
  EXPECT_TRUE(unlike.limit() == 0 || unlike.limit() >= borrowed * 3 / 2)
      << unlike.limit() << ": tasks do each other no harm here";
}

}  // namespace
}  // namespace weir
