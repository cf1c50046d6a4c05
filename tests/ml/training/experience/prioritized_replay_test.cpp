#include "ml/training/experience/prioritized_replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

Transition numbered(int number) {
  return {.observation = {.context = {static_cast<float>(number)}}, .actions = {0}};
}

int number_of(const Transition& transition) {
  return static_cast<int>(transition.observation.context.at(0));
}

PrioritizedReplay filled(int count, ReplayOptions options) {
  PrioritizedReplay replay(options);
  for (int i = 0; i < count; ++i) replay.add(numbered(i));
  return replay;
}

// Errors 0, 1, ..., 9 at places 0 to 9.
PrioritizedReplay with_ten_errors() {
  PrioritizedReplay replay = filled(10, {.capacity = 10, .alpha = 0.5, .least_error = 1});
  std::vector<std::size_t> places(10);
  std::iota(places.begin(), places.end(), std::size_t{0});
  replay.set_errors(places, std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  return replay;
}

TEST(PrioritizedReplay, DrawsInProportionToTheErrorToThePowerOfAlpha) {
  const PrioritizedReplay replay = with_ten_errors();
  double sum = 0;
  for (int i = 0; i < 10; ++i) sum += std::sqrt(i + 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_NEAR(replay.probability(i), std::sqrt(i + 1) / sum, 1e-12);
  }

  // Chi-square, one draw at a time: nine degrees of freedom, 27.88 is exceeded once in a thousand.
  constexpr int kDraws = 50'000;
  std::vector<int> drawn(10);
  Random random(1);
  for (int i = 0; i < kDraws; ++i) ++drawn[replay.draw(1, 0.4, random).places[0]];
  double chi_square = 0;
  for (int i = 0; i < 10; ++i) {
    const double expected = kDraws * replay.probability(i);
    chi_square += std::pow(drawn[i] - expected, 2) / expected;
  }
  EXPECT_LT(chi_square, 27.88);
}

// The parts of a batch are drawn from within their own part of the total: the frequencies are the
// same, with less chance in them.
TEST(PrioritizedReplay, DrawsBatchesWithTheSameFrequencies) {
  const PrioritizedReplay replay = with_ten_errors();
  constexpr int kBatches = 2'000;
  constexpr int kBatch = 32;
  std::vector<int> drawn(10);
  Random random(2);
  for (int i = 0; i < kBatches; ++i) {
    for (const std::size_t place : replay.draw(kBatch, 0.4, random).places) ++drawn[place];
  }
  for (int i = 0; i < 10; ++i) {
    const double p = replay.probability(i);
    EXPECT_NEAR(drawn[i], kBatches * kBatch * p, 4 * std::sqrt(kBatches * kBatch * p * (1 - p)));
  }
}

TEST(PrioritizedReplay, GivesLessWeightToWhatIsDrawnMoreOften) {
  const PrioritizedReplay replay = with_ten_errors();
  Random random(3);
  const auto draw = replay.draw(64, 0.7, random);
  EXPECT_EQ(*std::ranges::max_element(draw.weights), 1);
  for (std::size_t i = 1; i < draw.places.size(); ++i) {
    const double ratio = replay.probability(draw.places[i]) / replay.probability(draw.places[0]);
    EXPECT_NEAR(draw.weights[i] / draw.weights[0], std::pow(ratio, -0.7), 1e-9);
  }
}

// With beta = 1 the weights undo the priorities: weighted means are those of all transitions alike.
TEST(PrioritizedReplay, LeavesMeansAsTheyAreWhenBetaIsOne) {
  const PrioritizedReplay replay = with_ten_errors();
  Random random(4);
  constexpr int kBatches = 500;
  double sum = 0;
  double plain_sum = 0;
  for (int i = 0; i < kBatches; ++i) {
    const auto draw = replay.draw(64, 1, random);
    double weighted = 0;
    for (std::size_t k = 0; k < draw.places.size(); ++k) {
      weighted += draw.weights[k] * static_cast<double>(draw.places[k]);
      plain_sum += static_cast<double>(draw.places[k]) / 64;
    }
    sum += weighted / std::accumulate(draw.weights.begin(), draw.weights.end(), 0.0);
  }
  // Places are about 3 from their mean: the mean of 32,000 is off by 0.02 at most times.
  EXPECT_NEAR(sum / kBatches, 4.5, 0.08);
  EXPECT_GT(plain_sum / kBatches, 5.2) << "what the weights undo";
}

TEST(PrioritizedReplay, DrawsANewTransitionAsOftenAsTheMostSurprising) {
  PrioritizedReplay replay = filled(3, {.capacity = 8, .alpha = 1, .least_error = 0.5});
  replay.set_errors(std::vector<std::size_t>{0, 1, 2}, std::vector<double>{0.5, 3.5, 1.5});
  replay.add(numbered(3));
  EXPECT_DOUBLE_EQ(replay.probability(3), replay.probability(1));
  EXPECT_DOUBLE_EQ(replay.probability(0), 1.0 / (1 + 4 + 2 + 4));
}

TEST(PrioritizedReplay, PutsANewTransitionInThePlaceOfTheOldestWhenFull) {
  const PrioritizedReplay replay = filled(11, {.capacity = 4});
  ASSERT_EQ(replay.size(), 4U);
  std::vector<int> numbers;
  for (std::size_t i = 0; i < 4; ++i) numbers.push_back(number_of(replay.at(i)));
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers, (std::vector<int>{7, 8, 9, 10}));
}

class StoredReplayTest : public testing::Test {
 protected:
  static Transition whole(int number) {
    const float value = 0.1F * static_cast<float>(number);
    return {.observation = {.nodes = {value, -value, 1e-40F},
                            .classes = {2 * value},
                            .context = {3, value},
                            .feasible = {1, 0, 1},
                            .rule_actions = {2}},
            .actions = {1},
            .reward = 0.1 * number,
            .discount = number % 3 == 0 ? 0 : 0.970299,
            .next = {.nodes = std::vector<float>(static_cast<std::size_t>(number) * 3, value),
                     .context = {value}},
            .is_demonstration = number % 2 == 0};
  }
  static PrioritizedReplay make() {
    PrioritizedReplay replay({.capacity = 7});
    for (int i = 0; i < 9; ++i) replay.add(whole(i));
    replay.set_errors(std::vector<std::size_t>{1, 5}, std::vector<double>{7.25, 0.1});
    return replay;
  }
  void save(const PrioritizedReplay& replay) {
    RecordWriter record(path, PrioritizedReplay::tables(), {}, {}, {.own_thread = false});
    replay.append_to(record, TableIndex(0));
    ASSERT_FALSE(record.close().failure);
  }
  void load(PrioritizedReplay& replay) { replay.read_from(RecordReader(path), path); }

  ScratchFolder folder;
  const std::filesystem::path path = folder / "replay.h5";
};

TEST_F(StoredReplayTest, ComesBackFromAFileBitByBit) {
  PrioritizedReplay before = make();
  save(before);
  PrioritizedReplay after({.capacity = 7});
  load(after);
  // What is added next goes to the same place, with the same priority.
  before.add(whole(9));
  after.add(whole(9));
  ASSERT_EQ(after.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(after.at(i), before.at(i));
    EXPECT_EQ(after.probability(i), before.probability(i));
  }
  Random a(1);
  Random b(1);
  EXPECT_EQ(after.draw(20, 0.4, a).places, before.draw(20, 0.4, b).places);
}

TEST_F(StoredReplayTest, RefusesAFileOfAnotherCapacityAndStaysAsItWas) {
  save(make());
  PrioritizedReplay other({.capacity = 8});
  other.add(numbered(1));
  const std::string report = refusal([&] { load(other); });
  EXPECT_NE(report.find("not the memory of 8 transitions"), std::string::npos) << report;
  EXPECT_EQ(other.size(), 1U);
}

TEST_F(StoredReplayTest, RefusesAFileThatIsNotWhole) {
  PrioritizedReplay replay = make();
  EXPECT_NE(refusal([&] { load(replay); }), kNothingRefused) << "missing";
  RecordWriter record(path, PrioritizedReplay::tables(), {}, {}, {.own_thread = false});
  const std::uint32_t one = 1;
  record.append(TableIndex(0), one, one, one, one, one, one, one, one, one, one, one, 0.5, 0.9, 1.0,
                std::uint8_t{0});
  record.append(TableIndex(3), std::uint64_t{7}, std::uint64_t{1}, 1.0);
  record.close();
  const std::string report = refusal([&] { load(replay); });
  EXPECT_NE(report.find("transition 0 is not whole"), std::string::npos) << report;
}

// Transitions without a number, in a memory of seven.
struct Damage {
  int transitions = 3;
  double priority = 1;
  double discount = 0.9;
  std::uint64_t next_place = 3;
  double largest = 1;
  int more_numbers = 0;
};

class DamagedReplayTest : public StoredReplayTest {
 protected:
  std::string refusal_of(const Damage& damage) {
    RecordWriter record(path, PrioritizedReplay::tables(), {}, {}, {.own_thread = false});
    const std::uint32_t none = 0;
    for (int i = 0; i < damage.transitions; ++i) {
      record.append(TableIndex(0), none, none, none, none, none, none, none, none, none, none, none,
                    0.5, damage.discount, damage.priority, std::uint8_t{0});
    }
    for (int i = 0; i < damage.more_numbers; ++i) record.append(TableIndex(1), none);
    record.append(TableIndex(3), std::uint64_t{7}, damage.next_place, damage.largest);
    record.close();
    return refusal([&] { PrioritizedReplay({.capacity = 7}).read_from(RecordReader(path), path); });
  }
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
};

TEST_F(DamagedReplayTest, IsNotWhatAWholeOneIs) {
  EXPECT_EQ(refusal_of({}), kNothingRefused);
  EXPECT_EQ(refusal_of({.transitions = 7, .next_place = 6}), kNothingRefused);
}

TEST_F(DamagedReplayTest, IsRefusedWhereTheNextPlaceDoesNotFollowTheLast) {
  for (const std::uint64_t next_place : {0, 2, 4, 6, 7}) {
    const std::string report = refusal_of({.next_place = next_place});
    EXPECT_NE(report.find("3 transitions in 7 places"), std::string::npos) << report;
  }
  EXPECT_NE(refusal_of({.transitions = 7, .next_place = 7}), kNothingRefused);
  EXPECT_NE(refusal_of({.transitions = 8, .next_place = 1}), kNothingRefused);
}

TEST_F(DamagedReplayTest, IsRefusedWithPrioritiesThatAreNone) {
  for (const double largest : {kNone, 0.0, -1.0, 1.0 / 0.0}) {
    const std::string report = refusal_of({.largest = largest});
    EXPECT_NE(report.find("largest priority"), std::string::npos) << report;
  }
  for (const double priority : {kNone, 0.0, -1.0, 1e308}) {
    EXPECT_NE(refusal_of({.priority = priority}), kNothingRefused) << priority;
  }
}

TEST_F(DamagedReplayTest, IsRefusedWithNumbersThatAreNoneOrOfNobody) {
  EXPECT_NE(refusal_of({.discount = kNone}), kNothingRefused);
  const std::string report = refusal_of({.more_numbers = 1});
  EXPECT_NE(report.find("numbers of no transition"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
