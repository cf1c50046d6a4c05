#include "runtime/mpi/mpi_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "runtime/mpi/steady_clock.hpp"
#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Longer than the test's time limit: a loop that misses a bell never ends.
constexpr MpiLoopOptions kNoSafetyNet{
    .longest_spin = Duration::zero(), .first_safety_wait = 1000s, .longest_safety_wait = 1000s};

// A counter goes around the ranks until it has reached the limit; rank 0 waits before each lap.
class Relay final : public Reactor {
 public:
  Relay(Transport& transport, std::uint32_t limit, Duration pause)
      : transport_(transport), limit_(limit), pause_(pause) {
    if (transport.rank() == RankId(0)) next_lap_ = Instant{};
  }

  void on_message(Envelope envelope, Instant now) override {
    const auto count = std::get<StealRequest>(envelope.message).most;
    ++received_;
    if (count >= limit_) {
      // Once around, so that everyone learns of the end.
      if (!finished_) pass_on(count);
      finished_ = true;
    } else if (transport_.rank() == RankId(0)) {
      count_ = count;
      next_lap_ = now + pause_;
    } else {
      pass_on(count + 1);
    }
  }
  void on_wakeup(Instant now) override {
    if (now < next_lap_) return;
    next_lap_ = kNever;
    pass_on(count_ + 1);
  }
  Instant next_wakeup() const override { return next_lap_; }
  bool finished() const override { return finished_; }

  std::uint64_t received() const { return received_; }

 private:
  void pass_on(std::uint32_t count) {
    const int next = (transport_.rank().value() + 1) % transport_.rank_count();
    transport_.send(RankId(next), StealRequest{count});
  }

  Transport& transport_;
  std::uint32_t limit_;
  Duration pause_;
  std::uint32_t count_ = 0;
  Instant next_lap_ = kNever;
  bool finished_ = false;
  std::uint64_t received_ = 0;
};

struct RelayRun {
  std::uint64_t received = 0;
  DoorbellCounts bells;
  MpiLoopCounts loop;
};

RelayRun run_relay(std::uint32_t limit, Duration pause, DoorbellOptions doorbell_options,
                   MpiLoopOptions loop_options) {
  Doorbell doorbell(test_ranks(), doorbell_options);
  const SteadyClock clock;
  RelayRun run;
  {
    MpiTransport transport(test_ranks(), doorbell, clock);
    Relay relay(transport, limit, pause);
    MpiLoop loop(transport, doorbell, clock, relay, loop_options);
    loop.run();
    run = {relay.received(), doorbell.counts(), loop.counts()};
    // The rank that ended first gets the end once more.
    meet();
    while (transport.try_receive()) {
    }
    meet();
  }
  return run;
}

TEST(MpiLoop, RunsUntilTheReactorIsFinished) {
  const RelayRun run = run_relay(4000, 0s, {}, {});
  EXPECT_GE(run.received, 4000U / static_cast<unsigned>(test_ranks().rank_count()));
  EXPECT_GE(run.loop.messages, run.received);
}

TEST(MpiLoop, IsWokenByTheBellAndNothingElse) {
  constexpr std::uint32_t kLaps = 40;
  const auto ranks = static_cast<std::uint32_t>(test_ranks().rank_count());
  if (ranks == 1) return;
  const RelayRun run = run_relay(kLaps * ranks, 2ms, {}, kNoSafetyNet);
  EXPECT_GE(run.received, kLaps);
  // Without a safety net a bell that is not heard is the end of the relay. How many messages come
  // while a rank is still awake is up to what else the machine does.
  EXPECT_GE(run.bells.bells, 1U);
}

TEST(MpiLoop, RunsWithoutBells) {
  const RelayRun run = run_relay(200, 0s, {.refuse_bells = true}, {});
  EXPECT_GE(run.received, 200U / static_cast<unsigned>(test_ranks().rank_count()));
  EXPECT_EQ(run.bells.bells, 0U);
}

// Takes messages until the mark behind the last one has come; then the last rank tells all others.
class Sink final : public Reactor {
 public:
  explicit Sink(Transport& transport) : transport_(transport) {}

  void on_message(Envelope envelope, Instant) override {
    if (!std::holds_alternative<StopAdmission>(envelope.message)) return;
    finished_ = true;
    const int last = transport_.rank_count() - 1;
    if (transport_.rank() != RankId(last)) return;
    for (int rank = 0; rank < last; ++rank) transport_.send(RankId(rank), StopAdmission{});
  }
  void on_wakeup(Instant) override {}
  Instant next_wakeup() const override { return kNever; }
  bool finished() const override { return finished_; }

 private:
  Transport& transport_;
  bool finished_ = false;
};

enum class Flood { kUntilSomethingIsHeldBack, kFarBeyond };

// Frames that are small enough for MPI to keep a copy, from rank 0 to the last, which is busy.
void flood_a_slow_receiver(Flood flood) {
  constexpr int kMostFrames = 8000;  // more than a network and MPI's buffers hold
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0)) return;
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  Sink sink(transport);
  MpiLoop loop(transport, doorbell, clock, sink, kNoSafetyNet);
  if (transport.rank() == RankId(0)) {
    TaskBatch batch;
    batch.tasks.push_back({{.id = TaskId(1)}, Payload(Bytes(3500))});
    for (int i = 0; i < kMostFrames; ++i) {
      if (flood == Flood::kUntilSomethingIsHeldBack && transport.held_messages() > 0) break;
      transport.send(last, batch);
      transport.flush();
    }
    transport.send(last, StopAdmission{});
    transport.flush();
  }
  if (transport.rank() == last) std::this_thread::sleep_for(500ms);
  loop.run();
  meet();
}

TEST(MpiLoop, PushesOnWhatASlowReceiverHeldUp) {
  flood_a_slow_receiver(Flood::kUntilSomethingIsHeldBack);
}

TEST(MpiLoop, PushesOnToTheEndWhatASlowReceiverHeldUpForLong) {
  flood_a_slow_receiver(Flood::kFarBeyond);
}

// Waits for a number of wakes by another thread.
class WakeCounter final : public Reactor {
 public:
  explicit WakeCounter(const std::atomic<int>& events) : events_(events) {}
  void on_message(Envelope, Instant) override {}
  void on_wakeup(Instant) override { seen_ = events_.load(); }
  Instant next_wakeup() const override { return kNever; }
  bool finished() const override { return seen_ >= 1000; }

 private:
  const std::atomic<int>& events_;
  int seen_ = 0;
};

TEST(MpiLoop, LooksAtTheReactorWheneverAnotherThreadWakesIt) {
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  std::atomic<int> events = 0;
  WakeCounter counter(events);
  MpiLoop loop(transport, doorbell, clock, counter, kNoSafetyNet);
  std::jthread worker([&] {
    for (int i = 0; i < 1000; ++i) {
      ++events;
      doorbell.wake();
    }
  });
  loop.run();
  worker.join();
  meet();
}

// Wakes itself once, in the middle of its own traffic, and then waits for its alarm.
class SelfWaker final : public Reactor {
 public:
  SelfWaker(Transport& transport, Doorbell& doorbell) : transport_(transport), doorbell_(doorbell) {
    transport.send(transport.rank(), IdleToken{});
  }
  void on_message(Envelope, Instant now) override {
    alarm_ = now + 50ms;
    doorbell_.wake();
  }
  void on_wakeup(Instant now) override {
    if (now >= alarm_) finished_ = true;
  }
  Instant next_wakeup() const override { return alarm_; }
  bool finished() const override { return finished_; }

 private:
  Transport& transport_;
  Doorbell& doorbell_;
  Instant alarm_ = kNever;
  bool finished_ = false;
};

TEST(MpiLoop, AnswersAWakeOnceAndSleepsAgain) {
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  SelfWaker waker(transport, doorbell);
  MpiLoop loop(transport, doorbell, clock, waker, {});
  loop.run();
  EXPECT_LE(loop.counts().rounds, 50U);
  meet();
}

// Wakes itself by time alone.
class Alarm final : public Reactor {
 public:
  void on_message(Envelope, Instant) override {}
  void on_wakeup(Instant now) override {
    if (now < next_) return;
    EXPECT_GE(now, next_);
    next_ = now + 1ms;
    ++rings_;
  }
  Instant next_wakeup() const override { return next_; }
  bool finished() const override { return rings_ >= 20; }

 private:
  Instant next_{};
  int rings_ = 0;
};

TEST(MpiLoop, KeepsTheReactorsAlarms) {
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  Alarm alarm;
  MpiLoop loop(transport, doorbell, clock, alarm, kNoSafetyNet);
  loop.run();
  EXPECT_GE(clock.now(), Instant(19ms));
  meet();
}

// An alarm of a rank where nothing is under way that could be answered.
class QuietAlarm final : public Reactor {
 public:
  void on_message(Envelope, Instant) override {}
  void on_wakeup(Instant now) override { alarm_.on_wakeup(now); }
  Instant next_wakeup() const override { return alarm_.next_wakeup(); }
  Instant last_set_going() const override { return Instant{} - 1s; }
  bool finished() const override { return alarm_.finished(); }

 private:
  Alarm alarm_;
};

template <typename AnyAlarm>
std::uint64_t spins_of() {
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  AnyAlarm alarm;
  MpiLoop loop(transport, doorbell, clock, alarm, {});
  loop.run();
  meet();
  return loop.counts().spins_won + loop.counts().spins_lost;
}

TEST(MpiLoop, SpinsOnlyWhereSomethingMayBeAnsweredSoon) {
  EXPECT_GT(spins_of<Alarm>(), 0U);
  EXPECT_EQ(spins_of<QuietAlarm>(), 0U);
}

TEST(MpiLoop, CanBeDrivenStepByStep) {
  Doorbell doorbell(test_ranks(), {});
  const SteadyClock clock;
  MpiTransport transport(test_ranks(), doorbell, clock);
  Relay relay(transport, 100, 0s);
  MpiLoop loop(transport, doorbell, clock, relay, {});
  while (!relay.finished()) loop.step();
  meet();
  while (transport.try_receive()) {
  }
  meet();
}

}  // namespace
}  // namespace weir
