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

RankId last_rank() { return RankId(test_ranks().rank_count() - 1); }
bool share_host(RankId a, RankId b) { return test_ranks().host_of(a) == test_ranks().host_of(b); }

WakeCause wait(Doorbell& doorbell, Duration longest) {
  if (!doorbell.announce_sleep(longest)) {
    doorbell.answer();
    return WakeCause::kWake;
  }
  return doorbell.sleep();
}

// A rank of another host is rung whether it sleeps or not, and it has heard nothing before it
// sleeps.
TEST(Doorbell, WakesARankThatSleeps) {
  Doorbell doorbell(test_ranks(), {});
  ASSERT_TRUE(doorbell.heard_from_all());
  const RankId self = test_ranks().rank();
  for (RankId ringer(0); ringer < last_rank(); ringer = RankId(ringer.value() + 1)) {
    const std::uint64_t before = doorbell.counts().rings;
    meet();
    if (self == last_rank()) {
      EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kBell) << "from " << ringer.value();
    }
    // A rank of this host that does not sleep yet is not rung.
    if (self == ringer) {
      while (doorbell.counts().rings == before) doorbell.ring(last_rank());
    }
    meet();
  }
  if (self == last_rank()) {
    EXPECT_EQ(doorbell.counts().bells, static_cast<std::uint64_t>(self.value()));
    EXPECT_EQ(doorbell.counts().sleeps, doorbell.counts().bells);
  }
  meet();
}

TEST(Doorbell, RingsNobodyOfItsHostWhoIsAwake) {
  Doorbell doorbell(test_ranks(), {});
  meet();
  for (int peer = 0; peer < test_ranks().rank_count(); ++peer) doorbell.ring(RankId(peer));
  EXPECT_EQ(doorbell.counts().rings, static_cast<std::uint64_t>(test_ranks().rank_count() -
                                                                test_ranks().ranks_on_this_host()));
  meet();
}

TEST(Doorbell, ReachesAPeerThatAnnouncedItsSleepAndStillLooks) {
  Doorbell doorbell(test_ranks(), {});
  const bool sleeper = test_ranks().rank() == last_rank();
  for (RankId ringer(0); ringer < last_rank(); ringer = RankId(ringer.value() + 1)) {
    if (sleeper) {
      ASSERT_TRUE(doorbell.announce_sleep(kTooLong));
    }
    meet();
    if (test_ranks().rank() == ringer) doorbell.ring(last_rank());
    meet();
    if (sleeper) {
      EXPECT_EQ(doorbell.sleep(), WakeCause::kBell) << "from " << ringer.value();
    }
    meet();
  }
}

// On the same host it is noticed at once, and from another host by the next sleep.
TEST(Doorbell, KeepsARingThatCameBeforeTheSleepWasCancelled) {
  Doorbell doorbell(test_ranks(), {});
  const bool sleeper = test_ranks().rank() == last_rank();
  for (RankId ringer(0); ringer < last_rank(); ringer = RankId(ringer.value() + 1)) {
    if (sleeper) {
      ASSERT_TRUE(doorbell.announce_sleep(kTooLong));
    }
    meet();
    if (test_ranks().rank() == ringer) doorbell.ring(last_rank());
    meet();
    if (sleeper) {
      doorbell.cancel_sleep();
      EXPECT_EQ(doorbell.called(), share_host(ringer, last_rank()));
      EXPECT_EQ(doorbell.announce_sleep(kTooLong), !share_host(ringer, last_rank()));
      // A rank that listens to a socket has got a datagram in both cases.
      if (test_ranks().host_count() > 1) {
        EXPECT_EQ(doorbell.sleep(), WakeCause::kBell);
      }
      doorbell.answer();
      EXPECT_TRUE(doorbell.announce_sleep(0s));
      doorbell.cancel_sleep();
    }
    meet();
  }
}

// How long a rank of another host sleeps is not known, so it is always rung.
TEST(Doorbell, LetsAPeerOfItsHostSleepThatWakesSoonByItself) {
  Doorbell doorbell(test_ranks(), {.patience = 10s});
  const bool sleeper = test_ranks().rank() == last_rank();
  for (RankId ringer(0); ringer < last_rank(); ringer = RankId(ringer.value() + 1)) {
    for (const Duration longest : {Duration(5s), kTooLong}) {
      const std::uint64_t before = doorbell.counts().rings;
      if (sleeper) {
        ASSERT_TRUE(doorbell.announce_sleep(longest));
      }
      meet();
      const bool rung = longest == kTooLong || !share_host(ringer, last_rank());
      if (test_ranks().rank() == ringer) {
        doorbell.ring(last_rank());
        EXPECT_EQ(doorbell.counts().rings - before, rung ? 1U : 0U);
      }
      meet();
      if (sleeper) {
        EXPECT_EQ(doorbell.called(), rung && share_host(ringer, last_rank()));
        doorbell.cancel_sleep();
        doorbell.answer();
        doorbell.hush();
      }
      meet();
    }
  }
}

TEST(Doorbell, LetsAPeerOfItsHostSleepThatWakesInTimeForAMessageThatCanWait) {
  Doorbell doorbell(test_ranks(), {});
  const bool sleeper = test_ranks().rank() == last_rank();
  for (RankId ringer(0); ringer < last_rank(); ringer = RankId(ringer.value() + 1)) {
    const std::uint64_t before = doorbell.counts().rings;
    if (sleeper) {
      ASSERT_TRUE(doorbell.announce_sleep(5s));
    }
    meet();
    if (test_ranks().rank() == ringer) {
      doorbell.ring(last_rank(), {.usual = 10s});
      EXPECT_EQ(doorbell.counts().rings - before, share_host(ringer, last_rank()) ? 0U : 1U);
      doorbell.ring(last_rank());
      EXPECT_EQ(doorbell.counts().rings - before, share_host(ringer, last_rank()) ? 1U : 2U);
    }
    meet();
    if (sleeper) {
      EXPECT_EQ(doorbell.sleep(), WakeCause::kBell);
      doorbell.hush();
    }
    meet();
  }
}

TEST(Doorbell, IsLeftAsleepByItsOwnThreadsForWhatMayWait) {
  Doorbell doorbell(test_ranks(), {});
  ASSERT_TRUE(doorbell.announce_sleep(1ms));
  doorbell.wake_within(10s);
  EXPECT_EQ(doorbell.sleep(), WakeCause::kTimeout);
  ASSERT_TRUE(doorbell.announce_sleep(kTooLong));
  doorbell.wake_within(10s);
  EXPECT_EQ(doorbell.sleep(), WakeCause::kWake);
  meet();
}

TEST(Doorbell, NeverBlocksTheRankThatRingsAPeerThatDoesNotListen) {
  Doorbell doorbell(test_ranks(), {});
  for (int i = 0; i < 10000; ++i)
    for (int peer = 0; peer < test_ranks().rank_count(); ++peer) doorbell.ring(RankId(peer));
  meet();
}

// Over several hosts a rank sleeps on its socket; on one host, or when it refuses bells, on a word
// in memory. What wakes it from inside has to do so everywhere.
class OwnWake : public testing::TestWithParam<bool> {
 protected:
  ~OwnWake() override { meet(); }

  Doorbell doorbell{test_ranks(), {.refuse_bells = GetParam()}};
};

INSTANTIATE_TEST_SUITE_P(Doorbell, OwnWake, testing::Bool(),
                         [](const auto& which) { return which.param ? "NoBells" : "Bells"; });

TEST_P(OwnWake, ComesFromAnotherThread) {
  std::jthread waker([&] { doorbell.wake(); });
  EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kWake);
}

TEST_P(OwnWake, IsKeptWhenItCameBeforeTheWait) {
  EXPECT_FALSE(doorbell.called());
  doorbell.wake();
  EXPECT_TRUE(doorbell.called());
  EXPECT_EQ(wait(doorbell, kTooLong), WakeCause::kWake);
  EXPECT_FALSE(doorbell.called());
  EXPECT_EQ(wait(doorbell, 0s), WakeCause::kTimeout);
}

TEST_P(OwnWake, IsForgottenWhenItWasAnsweredWithoutAWait) {
  doorbell.wake();
  doorbell.answer();
  EXPECT_FALSE(doorbell.called());
  EXPECT_EQ(wait(doorbell, 0s), WakeCause::kTimeout);
}

TEST_P(OwnWake, IsNeverLostWhenManyThreadsWake) {
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

TEST_P(OwnWake, ComesFromASignalHandler) {
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
