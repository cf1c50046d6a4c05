#include "runtime/mpi/doorbell.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Far longer than any wait here may last, and shorter than the test's time limit.
constexpr Duration kTooLong = 100s;

bool bells_possible() { return test_ranks().host_count() == 1; }

WakeCause wait(Doorbell& doorbell, Duration longest) {
  if (!doorbell.announce_sleep(longest)) {
    doorbell.answer();
    return WakeCause::kWake;
  }
  return doorbell.sleep();
}

TEST(Doorbell, WakesARankThatSleeps) {
  Doorbell doorbell(test_ranks(), {});
  ASSERT_TRUE(!bells_possible() || doorbell.heard_from_all());
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0)) return;
  if (test_ranks().rank() == last) {
    EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kBell);
    meet();
    return;
  }
  if (test_ranks().rank() == RankId(0)) {
    // A rank that does not sleep yet is not rung.
    while (doorbell.counts().rings == 0) doorbell.ring(last);
  }
  meet();
}

TEST(Doorbell, CostsNothingWhileThePeerIsAwake) {
  Doorbell doorbell(test_ranks(), {});
  if (!bells_possible()) return;
  meet();
  for (int peer = 0; peer < test_ranks().rank_count(); ++peer) doorbell.ring(RankId(peer));
  EXPECT_EQ(doorbell.counts().rings, 0U);
  meet();
}

TEST(Doorbell, ReachesAPeerThatAnnouncedItsSleepAndStillLooks) {
  Doorbell doorbell(test_ranks(), {});
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0)) return;
  const bool sleeper = test_ranks().rank() == last;
  if (sleeper) {
    ASSERT_TRUE(doorbell.announce_sleep(kTooLong));
  }
  meet();
  if (test_ranks().rank() == RankId(0)) doorbell.ring(last);
  meet();
  if (sleeper) {
    EXPECT_EQ(doorbell.sleep(), WakeCause::kBell);
  }
  meet();
}

TEST(Doorbell, KeepsARingThatCameBeforeTheSleepWasCancelled) {
  Doorbell doorbell(test_ranks(), {});
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0) || !bells_possible()) return;
  const bool sleeper = test_ranks().rank() == last;
  if (sleeper) {
    ASSERT_TRUE(doorbell.announce_sleep(kTooLong));
  }
  meet();
  if (test_ranks().rank() == RankId(0)) doorbell.ring(last);
  meet();
  if (sleeper) {
    doorbell.cancel_sleep();
    EXPECT_TRUE(doorbell.called());
    EXPECT_FALSE(doorbell.announce_sleep(kTooLong));
    doorbell.answer();
    EXPECT_TRUE(doorbell.announce_sleep(0s));
    doorbell.cancel_sleep();
  }
  meet();
}

TEST(Doorbell, LetsAPeerSleepThatWakesSoonByItself) {
  Doorbell doorbell(test_ranks(), {.patience = 10s});
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0) || !bells_possible()) return;
  const bool sleeper = test_ranks().rank() == last;
  for (const Duration longest : {Duration(5s), kTooLong}) {
    if (sleeper) {
      ASSERT_TRUE(doorbell.announce_sleep(longest));
    }
    meet();
    if (test_ranks().rank() == RankId(0)) doorbell.ring(last);
    meet();
    if (sleeper) {
      EXPECT_EQ(doorbell.called(), longest == kTooLong);
      doorbell.cancel_sleep();
      doorbell.answer();
    }
    meet();
  }
}

TEST(Doorbell, NeverBlocksTheRankThatRingsAPeerThatDoesNotListen) {
  Doorbell doorbell(test_ranks(), {});
  for (int i = 0; i < 10000; ++i)
    for (int peer = 0; peer < test_ranks().rank_count(); ++peer) doorbell.ring(RankId(peer));
  meet();
}

TEST(Doorbell, IsWokenByAnotherThread) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  std::jthread waker([&] { doorbell.wake(); });
  EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kWake);
}

TEST(Doorbell, KeepsAWakeThatCameBeforeTheWait) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  EXPECT_FALSE(doorbell.called());
  doorbell.wake();
  EXPECT_TRUE(doorbell.called());
  EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kWake);
  EXPECT_FALSE(doorbell.called());
  EXPECT_EQ(wait(doorbell, 0s), WakeCause::kTimeout);
}

TEST(Doorbell, ForgetsAWakeThatWasAnsweredWithoutAWait) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  doorbell.wake();
  doorbell.answer();
  EXPECT_FALSE(doorbell.called());
  EXPECT_EQ(wait(doorbell, 0s), WakeCause::kTimeout);
}

TEST(Doorbell, LosesNoWakeOfManyThreads) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  constexpr int kWakes = 20000;
  std::atomic<int> done = 0;
  const auto work = [&] {
    for (int i = 0; i < kWakes; ++i) {
      ++done;
      doorbell.wake();
    }
  };
  std::jthread first(work);
  std::jthread second(work);
  // A lost wake leaves this loop in a wait that times out.
  while (done.load() < 2 * kWakes) ASSERT_NE(wait(doorbell, kTooLong), WakeCause::kTimeout);
}

Doorbell* rung_by_signal = nullptr;

TEST(Doorbell, IsWokenByASignalHandler) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  rung_by_signal = &doorbell;
  const auto before = std::signal(SIGUSR2, [](int) { rung_by_signal->wake(); });
  const auto self = pthread_self();
  std::jthread killer([&] { pthread_kill(self, SIGUSR2); });
  EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kWake);
  killer.join();
  std::signal(SIGUSR2, before);
}

TEST(Doorbell, KnowsThatARankRefusesBells) {
  const bool refuse = test_ranks().rank() == RankId(0);
  Doorbell doorbell(test_ranks(), {.refuse_bells = refuse});
  EXPECT_EQ(doorbell.heard_from_all(), test_ranks().rank_count() == 1);
  for (int peer = 0; peer < test_ranks().rank_count(); ++peer) doorbell.ring(RankId(peer));
  meet();
}

}  // namespace
}  // namespace weir
