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

// Late hellos of the handshake count as bells too.
void drain(Doorbell& doorbell) {
  meet();
  while (doorbell.wait(0s) == WakeCause::kBell) {
  }
  meet();
}

TEST(Doorbell, WakesARankThatSleeps) {
  Doorbell doorbell(test_ranks(), {});
  ASSERT_TRUE(!bells_possible() || doorbell.heard_from_all());
  drain(doorbell);
  const int last = test_ranks().rank_count() - 1;
  if (last > 0 && test_ranks().rank() == RankId(0)) doorbell.ring(RankId(last));
  if (last > 0 && test_ranks().rank() == RankId(last)) {
    EXPECT_EQ(doorbell.wait(kTooLong), WakeCause::kBell);
  }
  meet();
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
  EXPECT_EQ(doorbell.wait(kTooLong), WakeCause::kWake);
}

TEST(Doorbell, KeepsAWakeThatCameBeforeTheWait) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  EXPECT_FALSE(doorbell.wake_pending());
  doorbell.wake();
  EXPECT_TRUE(doorbell.wake_pending());
  EXPECT_EQ(doorbell.wait(kTooLong), WakeCause::kWake);
  EXPECT_FALSE(doorbell.wake_pending());
  EXPECT_EQ(doorbell.wait(0s), WakeCause::kTimeout);
}

TEST(Doorbell, ForgetsAWakeThatWasAnsweredWithoutAWait) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  doorbell.wake();
  EXPECT_TRUE(doorbell.take_wake());
  EXPECT_FALSE(doorbell.take_wake());
  EXPECT_EQ(doorbell.wait(0s), WakeCause::kTimeout);
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
  while (done.load() < 2 * kWakes) ASSERT_NE(doorbell.wait(kTooLong), WakeCause::kTimeout);
}

Doorbell* rung_by_signal = nullptr;

TEST(Doorbell, IsWokenByASignalHandler) {
  Doorbell doorbell(test_ranks(), {.refuse_bells = true});
  rung_by_signal = &doorbell;
  const auto before = std::signal(SIGUSR2, [](int) { rung_by_signal->wake(); });
  const auto self = pthread_self();
  std::jthread killer([&] { pthread_kill(self, SIGUSR2); });
  EXPECT_EQ(doorbell.wait(kTooLong), WakeCause::kWake);
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
