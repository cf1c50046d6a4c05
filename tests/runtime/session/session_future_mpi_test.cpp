// What can be done with results to come: continuations, joins, dependencies, cancellation.

#include "runtime/session/future.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// The text of the error that get() throws.
template <typename Error, typename Result>
std::string error_text(Future<Result> future) {
  try {
    future.get();
  } catch (const Error& error) {
    return error.what();
  }
  return "no such error";
}

std::string on_rank(RankId rank) { return "(rank " + std::to_string(rank.value()) + ")"; }

TEST(Futures, ThenRunsOnAWorkerOfThisRankWithTheResult) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  const auto nothing = session.define("nothing", [] {});
  session.start();
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    auto doubled = session.submit(there, next, 20).then([](int n) { return 2 * n; });
    auto text = session.submit(there, next, 6)
                    .then([](int n) { return std::to_string(n); })
                    .then([](std::string digits) { return digits + "!"; });
    auto worker =
        session.submit(there, nothing).then([](TaskContext& context) { return context.worker(); });
    auto owned =
        session.submit(there, next, 1).then([](int n) { return std::make_unique<int>(n); });
    EXPECT_EQ(doubled.get(), 42);
    EXPECT_EQ(text.get(), "7!");
    EXPECT_NE(worker.get(), kNoWorker);
    EXPECT_EQ(*owned.get(), 2);
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST(Futures, ThenTakesTheFutureAndFollowsOneThatIsReady) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  Future<int> first = session.submit({.target = next_rank(session)}, next, 1);
  while (!first.ready()) session.progress_for(100us);
  Future<int> second = first.then([](int n) { return n * 10; });
  EXPECT_THROW(first.get(), std::logic_error);
  EXPECT_THROW(first.then([](int n) { return n; }), std::logic_error);
  EXPECT_EQ(second.get(), 20);
  session.wait_all();
}

TEST(Futures, ThenPassesErrorsThroughWithoutACall) {
  std::atomic<int> calls = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto broken = session.define("broken", []() -> int { throw std::range_error("lost"); });
  session.start();
  for (const RankId target : all_ranks(session)) {
    auto end = session.submit({.target = target}, broken)
                   .then([&calls](int n) {
                     ++calls;
                     return n;
                   })
                   .then([&calls](int) { ++calls; });
    EXPECT_EQ(error_text<TaskError>(std::move(end)),
              "std::range_error: lost (rank " + std::to_string(target.value()) + ")");
  }
  session.wait_all();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(session.failed_count(), 3U * static_cast<unsigned>(session.rank_count()));
}

TEST(Futures, AContinuationThatThrowsFailsItsOwnFuture) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  auto end = session.submit(next, 1).then(
      [](int n) -> int { throw std::domain_error("no " + std::to_string(n)); });
  EXPECT_EQ(error_text<TaskError>(std::move(end)),
            "std::domain_error: no 2 (rank " + std::to_string(session.rank().value()) + ")");
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 1U);
}

TEST(Futures, WhenAllJoinsResultsOfSeveralTypesAndVectors) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  const auto text = session.define("text", [](int n) { return std::string(3, char('a' + n)); });
  const auto nothing = session.define("nothing", [] {});
  session.start();
  std::vector<Future<int>> numbers;
  std::vector<Future<void>> voids;
  for (int i = 0; i < 100; ++i) {
    const SubmitOptions there{.target = RankId(i % session.rank_count())};
    numbers.push_back(session.submit(there, next, i));
    voids.push_back(session.submit(there, nothing));
  }
  auto sum = when_all(std::move(numbers)).then([](std::vector<int> all) {
    return std::accumulate(all.begin(), all.end(), 0);
  });
  auto pair = when_all(session.submit(next, 1), session.submit(text, 2));
  when_all(std::move(voids)).get();
  EXPECT_EQ(sum.get(), 5050);
  EXPECT_EQ(pair.get(), (std::tuple<int, std::string>(2, "ccc")));
  EXPECT_THROW(when_all(std::vector<Future<int>>()), std::logic_error);
  session.wait_all();
}

TEST(Futures, WhenAllFailsWithTheErrorOfTheFirstThatFailed) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto maybe = session.define("maybe", [](int n) {
    if (n % 2 == 1) throw std::runtime_error("odd " + std::to_string(n));
    return n;
  });
  session.start();
  std::vector<Future<int>> numbers;
  for (int i = 0; i < 8; ++i) {
    numbers.push_back(session.submit({.target = next_rank(session)}, maybe, i));
  }
  const std::string text = error_text<TaskError>(when_all(std::move(numbers)));
  EXPECT_NE(text.find("odd 1 "), text.npos) << text;
  session.wait_all();
}

TEST(Futures, ATaskStartsAfterThoseItFollows) {
  std::atomic<int> ended_here = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto slow = session.define("slow", [&ended_here] {
    std::this_thread::sleep_for(2ms);
    ++ended_here;
  });
  const auto seen = session.define("seen", [&ended_here] { return ended_here.load(); });
  session.start();
  std::vector<AnyFuture> before;
  std::vector<Future<void>> kept;
  for (int i = 0; i < 6; ++i) {
    kept.push_back(session.submit({.target = session.rank()}, slow));
    before.emplace_back(kept.back());
  }
  auto after = session.submit_after(before, {.target = session.rank()}, seen);
  EXPECT_EQ(after.get(), 6);
  for (auto& one : kept) one.get();  // They were not taken.
  EXPECT_EQ(session.submit_after({}, {.target = session.rank()}, seen).get(), 6);
  session.wait_all();
}

TEST(Futures, ATaskDoesNotRunWhenOneThatItFollowsFailed) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto broken = session.define("broken", [] { throw std::runtime_error("first"); });
  const auto good = session.define("good", [] {});
  const auto count = session.define("count", [&ran] { ++ran; });
  session.start();
  Future<void> bad = session.submit({.target = next_rank(session)}, broken);
  Future<void> fine = session.submit({.target = next_rank(session)}, good);
  Future<void> after = session.submit_after({fine, bad}, {}, count);
  Future<void> last = session.submit_after({after}, {}, count);
  EXPECT_NE(error_text<TaskError>(std::move(last)).find("std::runtime_error: first"),
            std::string::npos);
  EXPECT_NE(error_text<TaskError>(std::move(after)).find("std::runtime_error: first"),
            std::string::npos);
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 0U);
  EXPECT_EQ(session.failed_count(), 3U);
}

// Holds a worker until it is opened. Workers of this process only.
class Barrier {
 public:
  void pass() const {
    while (!open_) std::this_thread::sleep_for(100us);
  }
  void open() { open_ = true; }

 private:
  std::atomic<bool> open_ = false;
};

TEST(Futures, ACancelledTaskNeverRunsAndOneThatStartedCannotBeCancelled) {
  std::atomic<int> ran = 0;
  std::atomic<bool> started = false;
  Barrier barrier;
  Session session(MPI_COMM_WORLD, {.worker_count = 1, .max_retries = 1});
  const auto hold = session.define("hold", [&] {
    started = true;
    barrier.pass();
  });
  const auto count = session.define("count", [&ran](int n) {
    ++ran;
    return n;
  });
  session.start();
  const SubmitOptions here{.target = session.rank()};
  Future<void> first = session.submit(here, hold);
  while (!started) session.progress_for(100us);
  // The only worker is held, so these are in the queue, waiting for another, or a continuation.
  Future<int> queued = session.submit(here, count, 1);
  session.progress();
  Future<int> last = session.submit(here, count, 2);
  Future<int> dependent = session.submit_after({first}, here, count, 3);
  auto continuation = session.submit(here, count, 4).then([&ran](int) { ++ran; });
  auto behind = session.submit_after({queued}, here, count, 5);
  EXPECT_FALSE(first.cancel());
  EXPECT_TRUE(queued.cancel());
  EXPECT_FALSE(queued.cancel()) << "it is ready";
  EXPECT_TRUE(dependent.cancel());
  EXPECT_TRUE(continuation.cancel());
  EXPECT_TRUE(queued.ready());
  EXPECT_THROW(queued.get(), TaskCancelled);
  EXPECT_THROW(dependent.get(), TaskCancelled);
  EXPECT_THROW(continuation.get(), TaskCancelled);
  EXPECT_THROW(behind.get(), TaskCancelled);
  barrier.open();
  first.get();
  EXPECT_EQ(last.get(), 2);
  EXPECT_THROW(first.cancel(), std::logic_error) << "taken";
  session.wait_all();
  EXPECT_EQ(ran, 2) << "tasks 2 and 4";
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST(Futures, EachOfManyTasksIsEitherCancelledOrRuns) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto count = session.define("count", [&ran](int) { ++ran; });
  session.start();
  std::vector<Future<void>> futures;
  std::uint64_t cancelled = 0;
  for (int i = 0; i < 3000; ++i) {
    futures.push_back(session.submit({.target = RankId(i % session.rank_count())}, count, i));
    if (i % 3 == 0) session.progress();
    if (i % 2 == 0) cancelled += futures.back().cancel() ? 1 : 0;
    if (i > 40) cancelled += futures[static_cast<std::size_t>(i - 40)].cancel() ? 1 : 0;
  }
  session.wait_all();
  std::uint64_t thrown = 0;
  for (auto& one : futures) thrown += error_text<TaskCancelled>(std::move(one)) != "no such error";
  EXPECT_EQ(thrown, cancelled);
  EXPECT_GT(cancelled, 0U);
  EXPECT_EQ(sum_over_ranks(ran) + sum_over_ranks(cancelled),
            3000U * static_cast<unsigned>(session.rank_count()));
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST(Futures, RunHereTakesWhatCannotBeCopied) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  auto length = session.run_here(
      [](std::unique_ptr<std::string> text, int times) {
        return std::make_unique<std::size_t>(text->size() * static_cast<std::size_t>(times));
      },
      std::make_unique<std::string>("weir"), 3);
  auto holder = std::make_unique<int>(5);
  auto captured = session.run_here([holder = std::move(holder)](TaskContext& context) {
    return *holder + (context.worker() == kNoWorker ? 100 : 0);
  });
  auto broken = session.run_here([] { throw std::runtime_error("here"); });
  std::string word = "kept";
  auto copied = session.run_here([](const std::string& text) { return text + "!"; }, word);
  EXPECT_EQ(*length.get(), 12U);
  EXPECT_EQ(captured.get(), 5);
  EXPECT_EQ(error_text<TaskError>(std::move(broken)),
            "std::runtime_error: here (rank " + std::to_string(session.rank().value()) + ")");
  EXPECT_EQ(copied.get(), "kept!");
  EXPECT_EQ(word, "kept");
  session.wait_all();
}

TEST(Futures, ALongChainOfContinuationsEndsWithTheEpoch) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  Future<int> chain = session.submit({.target = next_rank(session)}, next, 0);
  for (int i = 0; i < 2000; ++i) chain = chain.then([](int n) { return n + 1; });
  session.wait_all();
  EXPECT_TRUE(chain.ready());
  EXPECT_EQ(chain.get(), 2001);
}

TEST(Futures, ALongChainFailsIsCancelledOrAbandonedWithoutADeepStack) {
  constexpr int kLength = 100'000;
  Future<int> abandoned;
  {
    Session session(MPI_COMM_WORLD, kTwoWorkers);
    const auto broken = session.define("broken", []() -> int { throw std::range_error("lost"); });
    const auto next = session.define("next", [](int n) { return n + 1; });
    session.start();
    const auto follow = [](Future<int> chain) {
      for (int i = 0; i < kLength; ++i) chain = chain.then([](int n) { return n + 1; });
      return chain;
    };
    Future<int> failing = follow(session.submit({.target = next_rank(session)}, broken));
    EXPECT_EQ(error_text<TaskError>(std::move(failing)),
              "std::range_error: lost " + on_rank(next_rank(session)));
    Barrier barrier;
    Future<void> held = session.run_here([&barrier] { barrier.pass(); });
    Future<int> first = session.submit_after({held}, {}, next, 1);
    Future<int> second = session.submit_after({first}, {}, next, 1);
    Future<int> cancelled = follow(std::move(second));
    EXPECT_TRUE(first.cancel());
    EXPECT_THROW(cancelled.get(), TaskCancelled);
    Future<void> joined = session.run_here([] {});
    for (int i = 0; i < kLength; ++i) {
      std::vector<Future<void>> one;
      one.push_back(std::move(joined));
      joined = when_all(std::move(one));
    }
    barrier.open();
    held.get();
    joined.get();
    session.wait_all();
    abandoned = follow(session.submit({.target = session.rank()}, next, 1));
  }
  EXPECT_TRUE(abandoned.ready());
}

TEST(Futures, NothingFollowsOneThatHasOutlivedItsSession) {
  std::vector<Future<int>> left;
  {
    Session session(MPI_COMM_WORLD, kTwoWorkers);
    const auto next = session.define("next", [](int n) { return n + 1; });
    session.start();
    for (int i = 0; i < 4; ++i) left.push_back(session.submit(next, i));
    session.wait_all();
  }
  Session another(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = another.define("next", [](int n) { return n + 1; });
  another.start();
  const auto expect_refused = [](const auto& call) {
    try {
      call();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::logic_error& error) {
      EXPECT_NE(std::string(error.what()).find("has ended"), std::string::npos) << error.what();
    }
  };
  expect_refused([&] { left[0].then([](int n) { return n; }); });
  expect_refused([&] { another.submit_after({left[0]}, {}, next, 1); });
  expect_refused([&] { when_all(std::move(left[1]), another.submit(next, 1)); });
  EXPECT_TRUE(left[0].ready());
  EXPECT_FALSE(left[0].cancel());
  EXPECT_EQ(left[0].get(), 1);
  EXPECT_EQ(another.submit(next, 1).get(), 2);
  another.wait_all();
}

TEST(Futures, ARawTaskCanBeCancelledBeforeItStarts) {
  std::atomic<int> ran = 0;
  Session session(MPI_COMM_WORLD, {.worker_count = 1});
  const auto raw =
      session.define_raw("raw", [&ran](TaskContext&, const Payload& payload, Bytes& result) {
        ++ran;
        result.assign(payload.bytes().begin(), payload.bytes().end());
      });
  session.start();
  Barrier barrier;
  std::atomic<bool> started = false;
  Future<void> held = session.run_here([&] {
    started = true;
    barrier.pass();
  });
  while (!started) session.progress_for(100us);
  const SubmitOptions here{.target = session.rank()};
  Future<Bytes> first = session.submit_raw(here, raw, Payload(Bytes(5, std::byte(1))));
  Future<Bytes> second = session.submit_raw(here, raw, Payload(Bytes(6, std::byte(2))));
  session.progress();
  EXPECT_TRUE(first.cancel());
  EXPECT_THROW(first.get(), TaskCancelled);
  barrier.open();
  EXPECT_EQ(second.get(), Bytes(6, std::byte(2)));
  held.get();
  for (const RankId target : all_ranks(session)) {
    const Payload large(Bytes(100'000, std::byte(3)));
    EXPECT_EQ(session.submit_raw({.target = target}, raw, large).get(),
              Bytes(100'000, std::byte(3)));
  }
  session.wait_all();
  EXPECT_EQ(ran, 1 + session.rank_count());
}

}  // namespace
}  // namespace weir
