#include "ml/inference/switchback.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kClass{2};

// A home of 200 tasks a second that follows the turns; its tasks take `slower` times as long where
// the network has placed them.
class Home {
 public:
  explicit Home(double slower, std::uint64_t seed = 1) : slower_(slower), random_(seed) {}

  // When the switchback has found harm, if by then.
  std::optional<Instant> run_until(Instant end) {
    std::optional<Instant> found;
    for (; now_ < end; now_ += 5ms) {
      if (switchback.finds_harm(now_) && !found) found = now_;
      const bool by_network = !switchback.is_rules_turn(now_) && !switchback.is_doubted(now_);
      const double response_s = random_.exponential(by_network ? 0.1 * slower_ : 0.1);
      switchback.add(now_, by_network, kClass, from_seconds(response_s));
    }
    return found;
  }

  Switchback switchback;

 private:
  double slower_;
  Random random_;
  Instant now_{};
};

int rule_blocks(const Switchback& switchback, std::int64_t first, std::int64_t end) {
  int count = 0;
  for (std::int64_t i = first; i < end; ++i) {
    count += switchback.is_rules_turn(Instant(i * Switchback::kBlock)) ? 1 : 0;
  }
  return count;
}

TEST(Switchback, BeginsWithTheNetwork) { EXPECT_FALSE(Switchback().is_rules_turn(Instant{})); }

TEST(Switchback, GivesTheRuleAboutHalfOfTheFirstBlocksAndThenOneInEight) {
  const Switchback switchback;
  EXPECT_NEAR(rule_blocks(switchback, 0, Switchback::kDenseBlocks), 7.5, 1);
  EXPECT_EQ(rule_blocks(switchback, 80, 80 + 8 * 100), 100);
}

TEST(Switchback, DrawsWhichBlockIsTheRules) {
  std::vector<std::int64_t> distances;
  std::int64_t last = 0;
  for (std::int64_t block = 80; block < 880; ++block) {
    if (!Switchback().is_rules_turn(Instant(block * Switchback::kBlock))) continue;
    distances.push_back(block - last);
    last = block;
  }
  int equal = 0;
  for (std::size_t i = 2; i < distances.size(); ++i) equal += distances[i] == distances[i - 1];
  EXPECT_LT(equal, 30) << "of a hundred";
}

TEST(Switchback, GivesEveryHomeTheSameTurnsAsLongAsTheySeeNoHarm) {
  Home one(0.8, 1);
  Home other(0.9, 2);
  one.run_until(Instant(20s));
  other.run_until(Instant(20s));
  for (Instant now{}; now < Instant(100s); now += 500ms) {
    EXPECT_EQ(one.switchback.is_rules_turn(now), other.switchback.is_rules_turn(now));
  }
}

TEST(Switchback, ComparesOftenAgainAfterARestart) {
  Switchback switchback;
  switchback.restart(Instant(100s));
  EXPECT_FALSE(switchback.is_rules_turn(Instant(100s)));
  EXPECT_NEAR(rule_blocks(switchback, 100, 100 + Switchback::kDenseBlocks), 7.5, 1);
  EXPECT_EQ(rule_blocks(switchback, 120, 920), 100);
}

TEST(Switchback, GivesTheRuleMoreTurnsWhileHarmIsLikely) {
  std::int64_t blocks = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Home home(1.1, seed);
    home.run_until(Instant(60s));
    for (int i = 64; i < 72; ++i) {
      blocks += home.switchback.is_doubted(Instant(i * Switchback::kBlock)) ? 1 : 0;
    }
  }
  EXPECT_GT(blocks, 20) << "of ten homes, each with eight blocks";
}

TEST(Switchback, FindsResponsesThatAreHalfAsLongAgainWithinAMinute) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const std::optional<Instant> found = Home(1.5, seed).run_until(Instant(120s));
    ASSERT_TRUE(found.has_value()) << "seed " << seed;
    EXPECT_LT(*found, Instant(60s)) << "seed " << seed;
  }
}

TEST(Switchback, FindsResponsesThatAreATenthLongerWithinMinutes) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_TRUE(Home(1.1, seed).run_until(Instant(600s)).has_value()) << "seed " << seed;
  }
}

TEST(Switchback, SeldomFindsHarmWhereThereIsNone) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    found += Home(1, seed).run_until(Instant(300s)).has_value() ? 1 : 0;
  }
  EXPECT_LE(found, 4) << "of forty homes in five minutes";
}

TEST(Switchback, FindsNoHarmWhereTheNetworkIsFaster) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(Home(0.95, seed).run_until(Instant(300s)), std::nullopt) << "seed " << seed;
  }
}

TEST(Switchback, FindsHarmAnewOnlyWithANewComparison) {
  Home home(2);
  const std::optional<Instant> found = home.run_until(Instant(60s));
  ASSERT_TRUE(found.has_value());
  Switchback& switchback = home.switchback;
  switchback.finds_harm(Instant(62s));
  for (Instant now = Instant(63s); now < Instant(90s); now += 1s) {
    EXPECT_FALSE(switchback.finds_harm(now)) << "nothing has come back since";
  }
}

}  // namespace
}  // namespace weir
