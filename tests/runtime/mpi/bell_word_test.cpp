#include "runtime/mpi/bell_word.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Far longer than any sleep here may last, and shorter than the test's time limit.
constexpr Duration kTooLong = 100s;

std::int64_t host_time() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

TEST(BellWord, IsRungOnceForEachAnnouncedSleep) {
  BellWord word;
  EXPECT_FALSE(word.ring(0, {}));
  ASSERT_TRUE(word.announce_sleep(kTooLong.count()));
  EXPECT_TRUE(word.ring(0, {}));
  EXPECT_FALSE(word.ring(0, {}));
  EXPECT_EQ(word.answer(), SleepState::kRung);
  EXPECT_EQ(word.answer(), SleepState::kAwake);
}

TEST(BellWord, IsNotRungWhenItsOwnerWakesSoonEnough) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(1000));
  EXPECT_FALSE(word.ring(400, {.usual = 600ns}));
  EXPECT_TRUE(word.ring(399, {.usual = 600ns}));
}

TEST(BellWord, IsNotRungForWorkWhenItsOwnerIsSuppliedAndWakesSoonEnough) {
  BellWord word;
  constexpr RingPatience kOfWork{.of_supplied = 600ns};
  ASSERT_TRUE(word.announce_sleep(1000, true));
  EXPECT_FALSE(word.ring(400, kOfWork));
  EXPECT_TRUE(word.ring(400, {}));
  word.answer();
  ASSERT_TRUE(word.announce_sleep(1000, true));
  EXPECT_TRUE(word.ring(399, kOfWork));
  word.answer();
  ASSERT_TRUE(word.announce_sleep(1000));
  EXPECT_TRUE(word.ring(400, kOfWork));
}

TEST(BellWord, AnnouncesNoSleepUntilACallIsAnswered) {
  BellWord word;
  EXPECT_FALSE(word.wake());
  EXPECT_TRUE(word.called());
  EXPECT_FALSE(word.announce_sleep(0));
  EXPECT_EQ(word.answer(), SleepState::kWoken);
  EXPECT_TRUE(word.announce_sleep(0));
}

TEST(BellWord, KeepsACallThatComesBeforeTheSleepIsCancelled) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kTooLong.count()));
  EXPECT_TRUE(word.wake());
  word.cancel_sleep();
  EXPECT_TRUE(word.called());
}

TEST(BellWord, DoesNotSleepAfterACall) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kTooLong.count()));
  ASSERT_TRUE(word.ring(0, {}));
  word.sleep(kTooLong);
}

// The rank that rang may be stopped before it ends the sleep.
TEST(BellWord, LetsAThreadEndASleepThatWasRungAlready) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kTooLong.count()));
  ASSERT_TRUE(word.ring(0, {}));
  EXPECT_TRUE(word.wake());
  EXPECT_FALSE(word.wake());
  EXPECT_EQ(word.answer(), SleepState::kWoken);
  EXPECT_FALSE(word.wake());
}

TEST(BellWord, SaysWhetherTheTimeHasPassed) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kTooLong.count()));
  EXPECT_FALSE(word.sleep(0s));
  EXPECT_FALSE(word.sleep(1ms));
  ASSERT_TRUE(word.ring(0, {}));
  EXPECT_TRUE(word.sleep(1000s));
}

TEST(BellWord, IsNotWokenForWhatMayWaitWhenItsOwnerWakesSoonEnough) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(1000));
  EXPECT_FALSE(word.wake_by(1000));
  EXPECT_FALSE(word.called());
  EXPECT_TRUE(word.wake_by(999));
  EXPECT_FALSE(word.wake_by(999));
  EXPECT_EQ(word.answer(), SleepState::kWoken);
}

TEST(BellWord, LetsNobodyFallAsleepOverWhatMayWait) {
  BellWord word;
  EXPECT_FALSE(word.wake_by(kTooLong.count()));
  EXPECT_FALSE(word.announce_sleep(0));
}

// Of two threads the one hands something over and the other finds it before the time that was said.
TEST(BellWord, NeverSleepsBeyondTheTimeThatSomethingMayWait) {
  constexpr int kEvents = 20000;
  BellWord word;
  std::atomic<int> handed = 0;
  std::atomic<int> seen = 0;
  std::jthread worker([&] {
    for (int event = 1; event <= kEvents; ++event) {
      handed.store(event, std::memory_order_relaxed);
      // Every other sleep ends by itself in time; one that does not lasts beyond the test's limit.
      if (word.wake_by(host_time() + Duration(1ms).count())) word.end_sleep();
      while (seen.load() < event) std::this_thread::yield();
    }
  });
  for (int round = 0; seen.load() < kEvents; ++round) {
    const Duration longest = round % 2 == 0 ? Duration(20us) : kTooLong;
    word.answer();
    const int now = handed.load(std::memory_order_relaxed);
    if (now > seen.load()) {
      seen.store(now);
      continue;
    }
    if (!word.announce_sleep(host_time() + longest.count())) continue;
    if (handed.load(std::memory_order_relaxed) == seen.load()) word.sleep(longest);
    word.cancel_sleep();
  }
}

// The promise of the whole thing: whoever sends first and rings then is never slept through.
TEST(BellWord, NeverSleepsThroughAMessage) {
  constexpr int kMessages = 20000;
  BellWord there;
  BellWord back;
  std::atomic<int> sent = 0;
  std::atomic<int> answered = 0;
  const auto wait_for = [](BellWord& own, const std::atomic<int>& mailbox, int message) {
    while (mailbox.load(std::memory_order_relaxed) < message) {
      own.answer();
      if (!own.announce_sleep(host_time() + kTooLong.count())) continue;
      if (mailbox.load(std::memory_order_relaxed) < message) own.sleep(kTooLong);
      own.cancel_sleep();
    }
  };
  const auto send = [](std::atomic<int>& mailbox, int message, BellWord& peer) {
    mailbox.store(message, std::memory_order_relaxed);
    if (peer.ring(host_time(), {})) peer.end_sleep();
  };
  std::jthread echo([&] {
    for (int message = 1; message <= kMessages; ++message) {
      wait_for(there, sent, message);
      send(answered, message, back);
    }
  });
  // A ring that got lost would leave both asleep until the test's time limit.
  for (int message = 1; message <= kMessages; ++message) {
    send(sent, message, there);
    wait_for(back, answered, message);
  }
}

}  // namespace
}  // namespace weir
