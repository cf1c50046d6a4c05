#include "tools/run/home_shares.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <semaphore>

#include "runtime/base/random.hpp"
#include "tests/support/numbered_streams.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/share_copies.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

HomeSharesOptions options_of(int share_count, Duration begin = Duration(0)) {
  return {.share_count = share_count, .open_streams = two_streams, .begin = begin};
}

ShareCopy untouched(int share, int share_count) {
  return untouched_share(share, share_count, tally_of_two_streams());
}

// A home that takes tasks and completes them after a while, in any order.
class Home {
 public:
  Home(int share_count, std::vector<ShareCopy> copies, std::uint64_t seed = 1)
      : Home(options_of(share_count), std::move(copies), seed) {}
  Home(HomeSharesOptions options, std::vector<ShareCopy> copies, std::uint64_t seed)
      : shares(std::move(options), tally_of_two_streams(), std::move(copies)), random_(seed) {}

  // False where nothing is left to be done.
  bool step() {
    if (shares.next_due() != kNever && (taken_.empty() || random_.below(20) != 0)) {
      const Instant due = shares.next_due();
      Task task = shares.take();
      EXPECT_EQ(task.header.arrival, due);
      taken_.push_back(std::move(task));
      if (random_.below(3) == 0) return true;
    }
    if (taken_.empty()) return !shares.exhausted();
    std::swap(taken_[random_.below(taken_.size())], taken_.back());
    shares.complete(taken_.back().header.id).add(completed(taken_.back().header.id), Instant{});
    taken_.pop_back();
    return true;
  }

  RunTally total() const {
    RunTally sum = shares.completed_here();
    sum.merge(shares.completed_before());
    return sum;
  }

  HomeShares shares;

 private:
  Random random_;
  std::vector<Task> taken_;
};

RunTally undisturbed() {
  Home home(1, {untouched(0, 1)});
  while (home.step()) {
  }
  return home.total();
}

void expect_same(const RunTally& found, const RunTally& expected) {
  EXPECT_EQ(found.done(), expected.done());
  EXPECT_EQ(found.digests(), expected.digests());
}

TEST(HomeShares, GiveTheTasksOfAStreamSourceWithTheirPayloads) {
  HomeShares shares(options_of(3), tally_of_two_streams(), {untouched(1, 3)});
  StreamSource expected(two_streams(), {.home = 1, .home_count = 3}, Instant{});
  while (!expected.exhausted()) {
    ASSERT_FALSE(shares.exhausted());
    ASSERT_EQ(shares.next_due(), expected.next_due());
    const Task found = shares.take();
    const Task needed = expected.take();
    ASSERT_EQ(found.header.id, needed.header.id);
    ASSERT_TRUE(std::ranges::equal(found.payload.bytes(), needed.payload.bytes()));
  }
  EXPECT_TRUE(shares.exhausted());
  EXPECT_EQ(shares.next_due(), kNever);
}

TEST(HomeShares, OfARankWithoutAShareGiveNothing) {
  HomeShares shares(options_of(3), tally_of_two_streams(), {});
  EXPECT_TRUE(shares.exhausted());
  EXPECT_EQ(shares.next_due(), kNever);
  EXPECT_TRUE(shares.copy().empty());
}

TEST(HomeShares, AreGoneOnWithAfterADeathAtAnyMoment) {
  const RunTally expected = undisturbed();
  for (int steps = 0; steps < 700; steps += 7) {
    std::vector<ShareCopy> copies;
    {
      Home dying(1, {untouched(0, 1)}, steps);
      for (int i = 0; i < steps; ++i) dying.step();
      copies = dying.shares.share_copies();
      // What it does after its last copy is lost.
      for (int i = 0; i < 50; ++i) dying.step();
    }
    Home next(1, copies, steps + 1);
    while (next.step()) {
    }
    expect_same(next.total(), expected);
    EXPECT_EQ(next.shares.share_copies()[0].generation, 2U);
  }
}

TEST(HomeShares, AreGoneOnWithTimeAndAgainInTheMidstOfCatchingUp) {
  std::vector<ShareCopy> copies{untouched(0, 1)};
  for (int part = 0; part < 60; ++part) {
    Home home(1, copies, part);
    const int steps = part % 3 == 0 ? 3 : 20;
    for (int i = 0; i < steps; ++i) home.step();
    copies = home.shares.share_copies();
  }
  Home last(1, copies);
  while (last.step()) {
  }
  expect_same(last.total(), undisturbed());
}

// As a rank does for another that dies, which itself goes on for a third.
TEST(HomeShares, OfOthersAreAdoptedWhileTheOwnGoOn) {
  auto first = std::make_unique<Home>(3, std::vector{untouched(0, 3)}, 5);
  auto second = std::make_unique<Home>(3, std::vector{untouched(1, 3)}, 6);
  Home third(3, {untouched(2, 3)}, 7);
  for (int i = 0; i < 40; ++i) {
    first->step();
    second->step();
    third.step();
  }
  const Bytes of_first = first->shares.copy();
  first.reset();
  second->shares.adopt(of_first);
  for (int i = 0; i < 40; ++i) {
    second->step();
    third.step();
  }
  const Bytes of_second = second->shares.copy();
  second.reset();
  third.shares.adopt(of_second);
  while (third.step()) {
  }
  expect_same(third.total(), undisturbed());
}

// All that the other came to has died with it.
TEST(HomeShares, OfAnotherAreBegunAnewWhileTheOwnGoOn) {
  HomeSharesOptions options = options_of(2);
  options.begun_with = [](RankId home) { return std::vector{untouched(home.value(), 2)}; };
  Home living(std::move(options), {untouched(1, 2)}, 7);
  for (int i = 0; i < 40; ++i) living.step();
  living.shares.begin_anew(RankId(0));
  const auto copies = living.shares.share_copies();
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_GT(copies[1].generation, 2U) << "than those of the dead, which may be in a ledger";
  while (living.step()) {
  }
  expect_same(living.total(), undisturbed());
}

// The adopter dies before it has passed over what was taken.
TEST(HomeShares, ThatWereOnlyJustAdoptedAreInCopies) {
  auto first = std::make_unique<Home>(3, std::vector{untouched(0, 3)}, 5);
  auto second = std::make_unique<Home>(3, std::vector{untouched(1, 3)}, 6);
  auto third = std::make_unique<Home>(3, std::vector{untouched(2, 3)}, 7);
  for (Home* home : {first.get(), second.get(), third.get()}) {
    for (int i = 0; i < 100; ++i) home->step();
  }
  second->shares.adopt(first->shares.copy());
  second->shares.adopt(third->shares.copy());
  const auto copies = second->shares.share_copies();
  ASSERT_EQ(copies.size(), 3U);
  second.reset();
  Home last(3, copies);
  while (last.step()) {
  }
  expect_same(last.total(), undisturbed());
}

TEST(HomeShares, TellWhenWhatWasAdoptedIsReady) {
  Home dying(2, {untouched(1, 2)});
  for (int i = 0; i < 100; ++i) dying.step();
  std::binary_semaphore woken{0};
  HomeSharesOptions options = options_of(2);
  options.wake = [&woken] { woken.release(); };
  HomeShares shares(std::move(options), tally_of_two_streams(), {});
  EXPECT_TRUE(shares.exhausted());
  shares.adopt(dying.shares.copy());
  EXPECT_FALSE(shares.exhausted()) << "something is to come";
  woken.acquire();
  EXPECT_LT(shares.next_due(), kNever);
}

// A job that was killed may go on with fewer homes: their tasks come by time all the same.
TEST(HomeShares, ThatAreTakenUpTogetherComeByTime) {
  std::vector<ShareCopy> copies;
  for (int share = 0; share < 3; ++share) {
    Home home(3, {untouched(share, 3)}, share);
    for (int i = 0; i < 20 + 30 * share; ++i) home.step();
    copies.push_back(home.shares.share_copies()[0]);
  }
  HomeShares shares(options_of(3), tally_of_two_streams(), copies);
  std::map<TaskId, int> times_given;
  Instant last{};
  while (!shares.exhausted()) {
    EXPECT_GE(shares.next_due(), last);
    last = shares.next_due();
    ++times_given[shares.take().header.id];
  }
  EXPECT_TRUE(std::ranges::all_of(times_given, [](const auto& one) { return one.second == 1; }));
  for (const ShareCopy& copy : copies) {
    for (const TaskId id : copy.open) EXPECT_TRUE(times_given.contains(id));
  }
}

TEST(HomeShares, BeginTheirClockWhereTheRunGoesOn) {
  HomeShares shares(options_of(1, 1500ms), tally_of_two_streams(), {untouched(0, 1)});
  StreamSource expected(two_streams(), {}, Instant{} - 1500ms);
  EXPECT_EQ(shares.next_due(), expected.next_due());
}

TEST(HomeShares, SayInTheirCopyHowFarTheyCame) {
  Home home(1, {untouched(0, 1)});
  EXPECT_EQ(home.shares.share_copies()[0].reached, 0ns);
  while (home.step()) {
    EXPECT_EQ(home.shares.share_copies()[0].all_taken, home.shares.exhausted());
  }
  const ShareCopy copy = home.shares.share_copies()[0];
  EXPECT_TRUE(copy.all_taken);
  EXPECT_GT(copy.reached, 1s);
  EXPECT_TRUE(copy.open.empty());
}

TEST(HomeShares, ThatFitTheStreamsAreToldFromThoseOfOthers) {
  Home home(2, {untouched(1, 2)});
  for (int i = 0; i < 100; ++i) home.step();
  const auto copies = home.shares.share_copies();
  require_same_streams(two_streams(), copies, "here");
  std::vector<NumberedStream> others = two_streams();
  others[1].stream = make_stream("iot", at_rate(1, 2));
  EXPECT_NE(refusal([&] {
              require_same_streams(std::move(others), copies, "here");
            }).find("the streams are not what they were"),
            std::string::npos);
}

TEST(HomeSharesDeathTest, RefuseAShareThatTheyHave) {
  HomeShares shares(options_of(1), tally_of_two_streams(), {untouched(0, 1)});
  EXPECT_DEATH(shares.adopt(shares.copy()), "taken up twice");
  EXPECT_DEATH(shares.adopt(Bytes(9)), "not whole");
}

}  // namespace
}  // namespace weir
