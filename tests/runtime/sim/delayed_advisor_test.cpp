#include "runtime/sim/delayed_advisor.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

class FirstCores final : public Planner {
 public:
  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant) override {
    return Directive{.weights = {{static_cast<float>(reports[0].worker_count)}}};
  }
};

TEST(DelayedAdvisor, AnswersAfterItsDelayFromWhatWasKnownBefore) {
  DelayedAdvisor advisor(std::make_unique<FirstCores>(), 3ms);
  EXPECT_EQ(advisor.next_answer(), kNever);
  EXPECT_FALSE(advisor.try_take(Instant(9ms)).has_value());
  std::vector<NodeReport> reports(1);
  reports[0].worker_count = 5;
  advisor.ask(reports, Instant(10ms));
  reports[0].worker_count = 6;
  EXPECT_TRUE(advisor.is_asked());
  EXPECT_EQ(advisor.next_answer(), Instant(13ms));
  EXPECT_FALSE(advisor.try_take(Instant(12ms)).has_value());
  const auto directive = advisor.try_take(Instant(13ms));
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->weights[0][0], 5);
  EXPECT_FALSE(advisor.is_asked());
  EXPECT_EQ(advisor.next_answer(), kNever);
}

}  // namespace
}  // namespace weir
