#include "runtime/mpi/joint_maximum.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

int own_rank() { return test_ranks().rank().value(); }

// Looks until it hears of a question, then offers its number and waits for the largest.
std::int64_t largest_with(JointMaximum& joint, std::int64_t number) {
  while (!joint.asked()) std::this_thread::sleep_for(1ms);
  joint.offer(number);
  for (;;) {
    if (const auto largest = joint.result()) return *largest;
    std::this_thread::sleep_for(1ms);
  }
}

TEST(JointMaximum, IsFoundByAllOnceAnyOfThemAsks) {
  for (int asking = 0; asking < test_ranks().rank_count(); ++asking) {
    JointMaximum joint(test_ranks());
    EXPECT_FALSE(joint.result().has_value());
    if (own_rank() == asking) joint.ask();
    EXPECT_EQ(largest_with(joint, 100 - own_rank()), 100);
    EXPECT_EQ(joint.result(), 100) << "it stays";
  }
}

TEST(JointMaximum, IsFoundWhereAllAskAtOnce) {
  JointMaximum joint(test_ranks());
  joint.ask();
  joint.ask();
  EXPECT_EQ(largest_with(joint, own_rank()), test_ranks().rank_count() - 1);
}

TEST(JointMaximum, IsNotLookedForWhereNobodyAsks) {
  JointMaximum joint(test_ranks());
  EXPECT_FALSE(joint.asked());
  EXPECT_FALSE(joint.offered());
}

// A run that ends in that moment.
TEST(JointMaximum, MayBeGivenUpWhileTheQuestionIsUnderWay) {
  for (int asking = 0; asking < test_ranks().rank_count(); ++asking) {
    JointMaximum joint(test_ranks());
    if (own_rank() != asking) continue;
    joint.ask();
    joint.offer(7);
  }
  EXPECT_EQ(test_ranks().gather_to_all({}).size(),
            static_cast<std::size_t>(test_ranks().rank_count()));
}

}  // namespace
}  // namespace weir
