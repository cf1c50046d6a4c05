#include "tools/command/stop_signal.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace weir {
namespace {

TEST(StopSignal, IsNotRequestedAtFirst) {
  const StopSignal stop;
  EXPECT_FALSE(stop.requested());
}

TEST(StopSignal, RemembersEachOfItsSignalsAndCalls) {
  for (const int signal : {kStopFromLauncher, SIGUSR1, SIGTERM, SIGINT}) {
    const StopSignal stop;
    int calls = 0;
    stop.on_request([&calls] { ++calls; });
    std::raise(signal);
    EXPECT_TRUE(stop.requested());
    EXPECT_EQ(calls, 1);
  }
}

TEST(StopSignal, OfTheLauncherMayComeAgainAndAgain) {
  const StopSignal stop;
  for (int i = 0; i < 3; ++i) std::raise(kStopFromLauncher);
  EXPECT_TRUE(stop.requested());
}

TEST(StopSignal, AsksForAPauseByUsr1WhereARunCanBeContinued) {
  const StopSignal stop({.on_usr1 = OnUsr1::kPause});
  int calls = 0;
  stop.on_request([&calls] { ++calls; });
  for (int i = 0; i < 3; ++i) std::raise(SIGUSR1);
  EXPECT_TRUE(stop.pause_requested());
  EXPECT_FALSE(stop.requested());
  EXPECT_EQ(calls, 3);
  std::raise(SIGTERM);
  EXPECT_TRUE(stop.requested());
}

TEST(StopSignal, NeedsNothingToCall) {
  const StopSignal stop;
  stop.on_request([] { FAIL() << "called although it was taken back"; });
  stop.on_request({});
  std::raise(SIGUSR1);
  EXPECT_TRUE(stop.requested());
}

TEST(StopSignal, ForgetsTheRequestToAnEarlierOne) {
  {
    const StopSignal earlier;
    std::raise(SIGUSR1);
  }
  const StopSignal stop;
  EXPECT_FALSE(stop.requested());
}

TEST(StopSignal, RemembersASecondInterruptWhereThatIsWanted) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const StopSignal stop({.second = SecondStop::kIsRemembered});
    std::raise(kStopFromLauncher);
    std::raise(kStopFromLauncher);  // The launcher repeats itself.
    EXPECT_TRUE(stop.requested());
    EXPECT_FALSE(stop.requested_twice());
    int calls = 0;
    stop.on_request([&calls] { ++calls; });
    std::raise(signal);
    EXPECT_TRUE(stop.requested_twice());
    EXPECT_EQ(calls, 1);
  }
}

TEST(StopSignalDeathTest, EndsTheProcessAtTheThirdInterruptWhereTheSecondIsRemembered) {
  EXPECT_EXIT(
      {
        const StopSignal stop({.second = SecondStop::kIsRemembered});
        for (int i = 0; i < 3; ++i) std::raise(SIGINT);
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

TEST(StopSignalDeathTest, EndsTheProcessAtTheSecondInterrupt) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          const StopSignal stop;
          std::raise(signal);
          std::raise(signal);
        },
        testing::ExitedWithCode(128 + signal), "");
  }
}

TEST(StopSignalDeathTest, GivesTheSignalsBackAtItsEnd) {
  EXPECT_EXIT(
      {
        { const StopSignal stop; }
        std::raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace weir
