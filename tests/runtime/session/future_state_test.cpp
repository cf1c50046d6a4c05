#include "runtime/session/future_state.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <deque>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/no_future_host.hpp"

namespace weir {
namespace {

// Writes down its number when it runs.
class Note final : public Continuation {
 public:
  Note(std::vector<int>& notes, int number) : notes_(notes), number_(number) {}
  void run() noexcept override { notes_.push_back(number_); }

 private:
  std::vector<int>& notes_;
  int number_;
};

class Count final : public Continuation {
 public:
  explicit Count(std::atomic<int>& count) : count_(count) {}
  void run() noexcept override { count_ += of->is_ready() ? 1 : 1000; }

  const FutureState* of = nullptr;

 private:
  std::atomic<int>& count_;
};

using Status = FutureState::Status;

Bytes bytes_of(std::size_t size) { return Bytes(size, std::byte{1}); }

TEST(FutureState, RunsContinuationsOnceInTheirOrderAndAtOnceWhenItIsReady) {
  NoHost host;
  BytesState<Bytes> state(host, KindId(1));
  std::vector<int> notes;
  Note first(notes, 1);
  Note second(notes, 2);
  Note late(notes, 3);
  state.on_ready(first);
  state.on_ready(second);
  EXPECT_TRUE(notes.empty());
  EXPECT_FALSE(state.is_ready());
  EXPECT_TRUE(state.settle(Status::kDone, RankId(4), bytes_of(3)));
  EXPECT_EQ(notes, (std::vector<int>{1, 2}));
  state.on_ready(late);
  EXPECT_EQ(notes, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(state.is_ready());
  EXPECT_EQ(state.node(), RankId(4));
  EXPECT_EQ(state.take().size(), 3U);
}

TEST(FutureState, OnlyTheFirstThatSettlesItCounts) {
  NoHost host;
  BytesState<Bytes> state(host, KindId(1));
  EXPECT_TRUE(state.settle_failed("first", RankId(2)));
  EXPECT_FALSE(state.settle(Status::kDone, RankId(0), {}));
  EXPECT_FALSE(state.settle_failed("second", RankId(3)));
  try {
    state.throw_if_failed();
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_STREQ(error.what(), "first (rank 2)");
    EXPECT_EQ(error.rank(), RankId(2));
  }
  BytesState<int> like(host, KindId(1));
  EXPECT_TRUE(like.settle_like(state));
  EXPECT_THROW(like.throw_if_failed(), TaskError);
}

TEST(FutureState, AnErrorThatATaskPassedOnKeepsItsTextAndTheRankWhereItBegan) {
  NoHost host;
  BytesState<Bytes> inner(host, KindId(1));
  BytesState<Bytes> outer(host, KindId(1));
  inner.settle_failed("std::range_error: lost", RankId(2));
  try {
    inner.throw_if_failed();
  } catch (...) {
    outer.settle_failed(current_exception_text(), RankId(3));
  }
  try {
    outer.throw_if_failed();
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_STREQ(error.what(), "std::range_error: lost (rank 2)");
    EXPECT_EQ(error.rank(), RankId(3));
  }
}

TEST(FutureState, OnlyAWholeRankAtTheEndOfATextCounts) {
  NoHost host;
  for (const std::string text : {"", ")", "(rank 2)", " (rank )", " (rank 2", " (rank 2x)"}) {
    BytesState<Bytes> state(host, KindId(1));
    state.settle_failed(text, RankId(5));
    try {
      state.throw_if_failed();
      FAIL() << "no error";
    } catch (const TaskError& error) {
      EXPECT_EQ(error.what(), text + " (rank 5)");
    }
  }
}

TEST(FutureState, CancellingSucceedsUntilItStarted) {
  NoHost host;
  BytesState<int> waiting(host, KindId(1));
  EXPECT_TRUE(waiting.cancel(RankId(0)));
  EXPECT_FALSE(waiting.cancel(RankId(0)));
  EXPECT_FALSE(waiting.try_start());
  EXPECT_TRUE(waiting.is_ready());
  EXPECT_THROW(waiting.throw_if_failed(), TaskCancelled);

  BytesState<int> running(host, KindId(1));
  EXPECT_TRUE(running.try_start());
  EXPECT_TRUE(running.try_start()) << "another attempt";
  EXPECT_FALSE(running.cancel(RankId(0)));
  EXPECT_FALSE(running.is_ready());
}

TEST(FutureState, SaysThatItsSessionEnded) {
  NoHost host;
  BytesState<int> state(host, KindId(1));
  state.settle(Status::kAbandoned, kNoRank, {});
  EXPECT_THROW(state.throw_if_failed(), std::logic_error);
}

// Passes the error of one state on to the next.
class PassOn final : public Continuation {
 public:
  PassOn(const FutureState& from, FutureState& to) : from_(from), to_(to) {}
  void run() noexcept override { to_.settle_like(from_); }

 private:
  const FutureState& from_;
  FutureState& to_;
};

TEST(FutureState, SettlesAChainOfAnyLengthWithoutADeepStack) {
  constexpr std::size_t kLength = 1'000'000;
  NoHost host;
  std::deque<BytesState<int>> states;
  std::deque<PassOn> links;
  states.emplace_back(host, KindId(1));
  for (std::size_t i = 1; i < kLength; ++i) {
    states.emplace_back(host, KindId(1));
    links.emplace_back(states[i - 1], states[i]);
    states[i - 1].on_ready(links.back());
  }
  EXPECT_TRUE(states.front().settle_failed("first", RankId(2)));
  EXPECT_TRUE(states.back().is_ready());
  EXPECT_EQ(states.back().status(), Status::kFailed);
}

// Ready after others, which it owns.
class After final : public FutureState {
 public:
  After(FutureHost& host, std::vector<std::shared_ptr<FutureState>> parts)
      : FutureState(host, KindId(1)), parts_(std::move(parts)) {}
  ~After() override { let_go(std::move(parts_)); }
  std::span<const std::shared_ptr<FutureState>> parts() const override { return parts_; }

 private:
  std::vector<std::shared_ptr<FutureState>> parts_;
};

TEST(FutureState, AsksAndDropsPartsOfPartsWithoutADeepStack) {
  NoHost host;
  auto first = std::make_shared<FutureState>(host, KindId(1));
  first->set_task(TaskId(7));
  std::shared_ptr<FutureState> last = first;
  for (int i = 0; i < 1'000'000; ++i) {
    last = std::make_shared<After>(host, std::vector<std::shared_ptr<FutureState>>{last});
  }
  EXPECT_TRUE(last->needs(TaskId(7)));
  EXPECT_FALSE(last->needs(TaskId(8)));
  last.reset();
  EXPECT_EQ(first.use_count(), 1);
}

TEST(FutureState, KnowsWhetherItsSessionLives) {
  auto host = std::make_unique<NoHost>();
  BytesState<int> state(*host, KindId(1));
  EXPECT_EQ(&state.living_host(), host.get());
  state.settle(Status::kDone, RankId(0), {});
  EXPECT_EQ(&state.living_host(), host.get());
  host.reset();
  NoHost another;
  EXPECT_THROW(state.living_host(), std::logic_error);
}

TEST(FutureState, ThreadsThatSettleCancelAndWaitAtOnceAgree) {
  constexpr int kRounds = 3000;
  constexpr int kThreads = 4;
  NoHost host;
  std::atomic<BytesState<Bytes>*> state = nullptr;
  std::atomic<int> settled = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> started = 0;
  std::atomic<int> seen = 0;
  std::barrier meet(kThreads + 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Count count(seen);
      for (int i = 0; i < kRounds; ++i) {
        meet.arrive_and_wait();
        BytesState<Bytes>& own = *state;
        if (t == 0) cancelled += own.cancel(RankId(0)) ? 1 : 0;
        if (t == 1 && own.try_start()) {
          ++started;
          settled += own.settle(Status::kDone, RankId(1), bytes_of(7)) ? 1 : 0;
        }
        count.of = &own;
        if (t >= 2) own.on_ready(count);
        meet.arrive_and_wait();
      }
    });
  }
  for (int i = 0; i < kRounds; ++i) {
    BytesState<Bytes> own(host, KindId(1));
    state = &own;
    meet.arrive_and_wait();
    meet.arrive_and_wait();
    ASSERT_TRUE(own.is_ready());
    ASSERT_EQ(own.status() == Status::kDone, own.bytes().size() == 7);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(settled + cancelled, kRounds);
  EXPECT_EQ(settled, started);
  EXPECT_EQ(seen, 2 * kRounds) << "each continuation once, and only when it was ready";
}

}  // namespace
}  // namespace weir
