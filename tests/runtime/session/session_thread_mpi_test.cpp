// Sessions that are used from several threads and from inside tasks, with either kind of progress.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

const SessionOptions kOwnThread{.worker_count = 2, .progress = Progress::kThread};

class SessionThreads : public testing::TestWithParam<Progress> {
 protected:
  static SessionOptions options() { return {.worker_count = 2, .progress = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(BothKindsOfProgress, SessionThreads,
                         testing::Values(Progress::kCaller, Progress::kThread),
                         [](const auto& kind) {
                           return kind.param == Progress::kCaller ? "Caller" : "Thread";
                         });

TEST_P(SessionThreads, TasksSubmitTasksAndWaitForThem) {
  Session session(MPI_COMM_WORLD, options());
  // Fibonacci numbers by two tasks each, wherever they like: far more wait than there are workers.
  std::optional<TaskKind<long(int)>> self;
  const auto fibonacci = session.define("fibonacci", [&session, &self](int n) -> long {
    if (n < 2) return n;
    Future<long> left = session.submit(*self, n - 1);
    Future<long> right = session.submit(*self, n - 2);
    return left.get() + right.get();
  });
  self = fibonacci;
  session.start();
  EXPECT_EQ(session.submit(fibonacci, 13).get(), 233);
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST_P(SessionThreads, SpawnedTasksWaitByTheirContext) {
  std::atomic<std::uint64_t> sum = 0;
  std::atomic<int> ready = 0;
  std::atomic<int> told = 0;
  Session session(MPI_COMM_WORLD, options());
  const auto next = session.define("next", [](std::uint64_t n) { return n + 1; });
  const auto spawning = session.define("spawning", [&](TaskContext& context) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      context.spawn(
          [&, i](TaskContext& own) {
            const SubmitOptions there{.target = next_rank(session)};
            sum += session.submit(there, next, i).get(own);
            Future<std::uint64_t> other = session.submit(there, next, i);
            try {
              ready += other.get() == i + 1 ? 1 : 0;  // It was there already, or this throws.
            } catch (const std::logic_error& error) {
              told += std::string(error.what()).find("try get(context)") != std::string::npos;
            }
          },
          ClassId(0));
    }
  });
  session.start();
  session.submit({.target = session.rank()}, spawning);
  session.wait_all();
  EXPECT_EQ(sum, 210U);
  EXPECT_EQ(ready + told, 20);
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST_P(SessionThreads, WaitAllCountsWhatTasksAndContinuationsSubmit) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, options());
  std::optional<TaskKind<void(int)>> self;
  const auto grow = session.define("grow", [&](int depth) {
    ++ran;
    if (depth == 0) return;
    for (int i = 0; i < 3; ++i) {
      const SubmitOptions there{.target =
                                    RankId((session.rank().value() + i) % session.rank_count())};
      Future<void> child = session.submit(there, *self, depth - 1);
      // A continuation submits as well.
      if (i == 0) child.then([&, depth] { session.submit(*self, depth - 1); });
    }
  });
  self = grow;
  session.start();
  // A task of depth d stands for f(d) = 1 + 4 f(d - 1) runs.
  const std::uint64_t below[] = {1, 5, 21, 85};
  std::uint64_t expected = 0;
  for (int depth = 0; depth < 4; ++depth) {
    for (int i = 0; i < 4; ++i) session.submit(grow, depth);
    session.wait_all();
    expected += 4 * below[depth] * static_cast<unsigned>(session.rank_count());
    EXPECT_EQ(sum_over_ranks(ran), expected) << "depth " << depth;
  }
}

TEST_P(SessionThreads, AnyThreadSubmits) {
  constexpr int kThreads = 3;
  constexpr int kTasks = 300;
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, options());
  const auto count = session.define("count", [&ran](std::uint64_t n) { ran += n; });
  session.start();
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        session.submit({.target = RankId((t + i) % session.rank_count())}, count, std::uint64_t{2});
      }
      ++ended;
    });
  }
  while (ended < kThreads) session.progress_for(100us);
  for (std::thread& thread : threads) thread.join();
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran),
            2U * kThreads * kTasks * static_cast<unsigned>(session.rank_count()));
}

TEST_P(SessionThreads, TrySubmitGivesNothingWhenTheCreditIsUsedUp) {
  std::atomic<bool> open = false;
  SessionOptions few = options();
  few.max_in_flight = 5;
  Session session(MPI_COMM_WORLD, few);
  const auto hold = session.define("hold", [&open](const std::string& text) {
    while (!open) std::this_thread::sleep_for(100us);
    return text;
  });
  session.start();
  std::vector<Future<std::string>> futures;
  const SubmitOptions here{.target = session.rank()};
  std::string text = "argument";
  for (;;) {
    auto one = session.try_submit(here, hold, std::move(text));
    if (!one) break;
    futures.push_back(std::move(*one));
    text = "argument";
  }
  EXPECT_EQ(text, "argument") << "it was not taken";
  EXPECT_EQ(futures.size(), 5U);
  open = true;
  for (auto& one : futures) EXPECT_EQ(one.get(), "argument");
  EXPECT_TRUE(session.try_submit(here, hold, text));
  // Submits wait for room themselves, however many there are.
  for (int i = 0; i < 50; ++i) session.submit(here, hold, text);
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST_P(SessionThreads, ATaskMayExceedTheCreditOfItsHome) {
  std::atomic<std::uint64_t> ran = 0;
  SessionOptions few = options();
  few.max_in_flight = 3;
  Session session(MPI_COMM_WORLD, few);
  const auto leaf = session.define("leaf", [&ran] { ++ran; });
  const auto many = session.define("many", [&] {
    std::vector<Future<void>> all;
    for (int i = 0; i < 40; ++i) all.push_back(session.submit(leaf));
    when_all(std::move(all)).get();
  });
  session.start();
  session.submit({.target = session.rank()}, many);
  session.submit({.target = session.rank()}, many);
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 80U * static_cast<unsigned>(session.rank_count()));
}

TEST_P(SessionThreads, ATaskThatWaitsForItselfIsTold) {
  Session session(MPI_COMM_WORLD, options());
  std::mutex mutex;
  std::optional<Future<std::string>> own;
  const auto narcissus = session.define("narcissus", [&]() -> std::string {
    const std::lock_guard lock(mutex);
    try {
      return own->get();
    } catch (const std::logic_error& error) {
      return error.what();
    }
  });
  session.start();
  {
    const std::lock_guard lock(mutex);
    own = session.submit({.target = session.rank()}, narcissus);
  }
  session.wait_all();
  const std::string text = own->get();
  EXPECT_NE(text.find("before it has returned itself"), text.npos) << text;
}

TEST_P(SessionThreads, CallsThatWouldWaitForTheirOwnTaskAreRefusedThere) {
  Session session(MPI_COMM_WORLD, options());
  const auto refused = session.define("refused", [&session](int which) -> std::string {
    try {
      if (which == 0) session.wait_all();
      if (which == 1) session.pause();
      if (which == 2) session.progress_for(1ms);
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "no error";
  });
  const auto immediate = session.define("immediate",
                                        [&session, refused](int which) -> std::string {
                                          try {
                                            if (which == 0) session.submit(refused, 0).get();
                                            if (which == 1) session.wait_all();
                                          } catch (const std::logic_error& error) {
                                            return error.what();
                                          }
                                          return "no error";
                                        },
                                        {.immediate = true});
  session.start();
  for (int which = 0; which < 3; ++which) {
    const std::string text = session.submit(refused, which).get();
    EXPECT_NE(text.find("which would wait for itself"), text.npos) << text;
  }
  for (int which = 0; which < 2; ++which) {
    const std::string text = session.submit({.target = next_rank(session)}, immediate, which).get();
    EXPECT_NE(text, "no error");
  }
  session.wait_all();
}

TEST_P(SessionThreads, APausedRankBeginsNoTaskUntilItResumes) {
  std::atomic<int> ran = 0;
  Session session(MPI_COMM_WORLD, options());
  const auto count = session.define("count", [&ran] {
    ++ran;
    return 1;
  });
  const auto nested = session.define("nested", [&session, count] {
    return session.submit({.target = session.rank()}, count).get();
  });
  session.start();
  meet();
  EXPECT_TRUE(session.pause());
  meet();
  const int before = ran;
  std::vector<Future<int>> futures;
  for (int i = 0; i < 30; ++i) {
    futures.push_back(session.submit({.target = session.rank()}, count));
    futures.push_back(session.submit(count));
    futures.push_back(session.submit({.target = next_rank(session)}, nested));
  }
  session.progress_for(20ms);
  EXPECT_EQ(ran, before);
  EXPECT_TRUE(session.pause()) << "it is paused already";
  meet();
  session.resume();
  for (auto& one : futures) EXPECT_EQ(one.get(), 1);
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(static_cast<std::uint64_t>(ran)),
            90U * static_cast<unsigned>(session.rank_count()));
}

TEST_P(SessionThreads, PauseSaysWhenTasksStillRun) {
  std::atomic<bool> open = false;
  std::atomic<bool> started = false;
  Session session(MPI_COMM_WORLD, options());
  const auto hold = session.define("hold", [&] {
    started = true;
    while (!open) std::this_thread::sleep_for(100us);
  });
  session.start();
  Future<void> held = session.submit({.target = session.rank()}, hold);
  while (!started) session.progress_for(100us);
  EXPECT_FALSE(session.pause(5ms));
  open = true;
  EXPECT_TRUE(session.pause());
  session.resume();
  held.get();
  session.wait_all();
}

TEST_P(SessionThreads, TheReportSaysWhoWaitsForWhomAndWhere) {
  std::atomic<bool> open = false;
  std::atomic<bool> waits = false;
  Session session(MPI_COMM_WORLD, options());
  const auto hold = session.define("hold", [&open] {
    while (!open) std::this_thread::sleep_for(100us);
  });
  const auto wait_for_it = session.define("wait_for_it", [&] {
    Future<void> held = session.submit({.target = session.rank()}, hold);
    waits = true;
    held.get();
  });
  session.start();
  Future<void> outer = session.submit({.target = session.rank()}, wait_for_it);
  std::string text;
  do {
    session.progress_for(500us);
    std::ostringstream out;
    session.report(out);
    text = out.str();
  } while (text.find("waits for hold, task") == text.npos);
  EXPECT_NE(text.find("a task on worker "), text.npos) << text;
  EXPECT_NE(text.find("2 tasks of this home are not complete"), text.npos) << text;
  EXPECT_NE(text.find("at rank " + std::to_string(session.rank().value()) + ": 2"), text.npos)
      << text;
  EXPECT_NE(text.find("wait_for_it, task 0"), text.npos) << text;
  open = true;
  outer.get();
  session.wait_all();
}

TEST_P(SessionThreads, FuturesOutliveASessionThatEndsWithTasksUnderWay) {
  std::optional<Future<int>> result;
  std::optional<Future<int>> continued;
  std::optional<Future<void>> after;
  {
    Session session(MPI_COMM_WORLD, {.worker_count = 1, .progress = GetParam()});
    const auto slow = session.define("slow", [&session]() -> int {
      std::this_thread::sleep_for(30ms);
      try {
        for (int i = 0; i < 100'000; ++i) {
          session.run_here([] {});
          std::this_thread::sleep_for(100us);
        }
      } catch (const std::logic_error&) {  // The session is ending.
      }
      return 1;
    });
    const auto count = session.define("count", [] {});
    session.start();
    Future<int> first = session.submit({.target = session.rank()}, slow);
    after = session.submit_after({first}, {}, count);
    continued = session.submit({.target = session.rank()}, slow).then([](int n) { return n; });
    result = std::move(first);
    session.progress();
    meet();
  }
  EXPECT_TRUE(result->ready());
  EXPECT_TRUE(continued->ready());
  for (auto* one : {&*result, &*continued}) {
    try {
      one->get();
      ADD_FAILURE() << "it was complete";
    } catch (const std::logic_error& error) {
      EXPECT_NE(std::string(error.what()).find("the session ended"), std::string::npos);
    }
  }
  EXPECT_THROW(after->get(), std::logic_error);
}

TEST(SessionCallers, AThreadThatNobodyWouldServeIsToldNotToWait) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  std::thread([&] {
    Future<int> result = session.submit({.target = next_rank(session)}, next, 1);
    EXPECT_THROW(result.get(), std::logic_error);
    EXPECT_THROW(session.wait_all(), std::logic_error);
    EXPECT_THROW(session.pause(), std::logic_error);
  }).join();
  session.wait_all();
  EXPECT_EQ(session.submit(next, 5).get(), 6) << "it is as usable as before";
  session.wait_all();
}

TEST(SessionOwnThread, ServesTheOtherRanksWhileItsApplicationComputes) {
  Session session(MPI_COMM_WORLD, kOwnThread);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  if (session.rank() == RankId(0)) {
    for (const RankId target : all_ranks(session)) {
      EXPECT_EQ(session.submit({.target = target}, next, target.value()).get(), target.value() + 1);
    }
  }
  meet();  // No call of the session: rank 0 was served all the same.
  session.wait_all();
}

TEST(SessionOwnThread, ManyThreadsSubmitWaitAndCancelAtOnce) {
  std::atomic<std::uint64_t> ran = 0;
  std::atomic<std::uint64_t> cancelled = 0;
  Session session(MPI_COMM_WORLD, kOwnThread);
  const auto next = session.define("next", [&ran](int n) {
    ++ran;
    return n + 1;
  });
  session.start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        Future<int> one =
            session.submit({.target = RankId((t + i) % session.rank_count())}, next, i);
        if (i % 4 == 0) cancelled += one.cancel() ? 1 : 0;
        try {
          EXPECT_EQ(one.get(), i + 1);
        } catch (const TaskCancelled&) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran) + sum_over_ranks(cancelled),
            600U * static_cast<unsigned>(session.rank_count()));
}

TEST(SessionOwnThread, WaitAllMayBeCalledOnAnyThread) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kOwnThread);
  const auto count = session.define("count", [&ran] { ++ran; });
  session.start();
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
    std::thread([&] {
      for (int i = 0; i < 20; ++i) session.submit(count);
      session.wait_all();
    }).join();
    EXPECT_EQ(sum_over_ranks(ran), epoch * 20U * static_cast<unsigned>(session.rank_count()));
  }
}

}  // namespace
}  // namespace weir
