// What the other ranks hear when one rank refuses to begin, or leaves before all is done.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

constexpr int kTasks = 200;

RankId last_rank() { return RankId(test_ranks().rank_count() - 1); }
bool is_last() { return test_ranks().rank() == last_rank(); }
std::string last_by_name() { return "rank " + std::to_string(last_rank().value()); }

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << text;
}

// On the same communicator, as ever.
void expect_that_another_session_works(Progress progress) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1, .progress = progress});
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  std::vector<Future<int>> results;
  for (int i = 0; i < kTasks; ++i) results.push_back(session.submit(next, i));
  for (int i = 0; i < kTasks; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i + 1);
  session.wait_all();
}

std::string text_of_failure(Future<int> future) {
  try {
    future.get();
  } catch (const TaskError& error) {
    return error.what();
  }
  return "no failure";
}

class SessionEnding : public testing::TestWithParam<Progress> {
 protected:
  SessionOptions options() const { return {.worker_count = 1, .progress = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(, SessionEnding, testing::Values(Progress::kCaller, Progress::kThread),
                         [](const auto& mode) {
                           return mode.param == Progress::kCaller ? "OnTheCaller" : "OnAThread";
                         });

TEST_P(SessionEnding, ByAnExceptionOnOneRankEndsTheWaitsOfTheOthers) {
  const auto run = [this] {
    Session session(MPI_COMM_WORLD, options());
    const auto next = session.define("next", [](int n) { return n + 1; });
    session.start();
    for (int i = 0; i < kTasks; ++i) session.submit(next, i);
    if (is_last()) throw std::runtime_error("no more of this");
    session.wait_all();
  };
  if (is_last()) {
    EXPECT_THROW(run(), std::runtime_error);
  } else {
    const std::string text = refusal(run);
    expect_in(text, "it has ended on " + last_by_name());  // Others may have left because of it.
    expect_in(text, "an exception there");
  }
  expect_that_another_session_works(GetParam());
}

TEST_P(SessionEnding, IsToldThoughTheOthersHaveTakenNothingForLong) {
  const auto run = [this] {
    Session session(MPI_COMM_WORLD, options());
    const auto next = session.define("next", [](int n) { return n + 1; });
    session.start();
    if (is_last()) {
      for (int i = 0; i < 300; ++i) {
        session.submit({.target = RankId(0)}, next, i);
        session.progress();
      }
      throw std::runtime_error("no more of this");
    }
    MPI_Barrier(MPI_COMM_WORLD);  // By then the last one has left.
    session.wait_all();
  };
  if (is_last()) {
    EXPECT_THROW(run(), std::runtime_error);
    MPI_Barrier(MPI_COMM_WORLD);
  } else {
    expect_in(refusal(run), "it has ended on " + last_by_name());
  }
  expect_that_another_session_works(GetParam());
}

class SessionEndingUnderPolicies : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(, SessionEndingUnderPolicies,
                         testing::Values("round_robin+work_stealing", "random", "late_binding",
                                         "tree", "join_idle_queue"));

TEST_P(SessionEndingUnderPolicies, LeavesTheTasksOfARankToOthers) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD,
                                 SessionOptions{.policy = GetParam(), .worker_count = 1});
  const auto next = session->define("next", [](int n) { return n + 1; });
  session->start();
  if (!is_last()) {
    std::vector<Future<int>> results;
    for (int i = 0; i < kTasks; ++i) results.push_back(session->submit(next, i));
    for (int i = 0; i < kTasks; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i + 1);
  }
  session.reset();
}

TEST_P(SessionEnding, WithoutWaitAllLeavesItsTasksToOthers) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD, options());
  const auto next = session->define("next", [](int n) { return n + 1; });
  session->start();
  if (!is_last()) {
    // On a thread the other rank may run some before it has left.
    const SubmitOptions there{.target = last_rank()};
    std::string text;
    do {
      text = text_of_failure(session->submit(there, next, 1));
    } while (text == "no failure");
    expect_in(text, last_by_name());
    expect_in(text_of_failure(session->submit(there, next, 1)), "the session has ended on");
    for (int i = 0; i < kTasks; ++i) EXPECT_EQ(session->submit(next, i).get(), i + 1);
    const std::string refused = refusal([&] { session->wait_all(); });
    expect_in(refused, "it has ended on " + last_by_name());
    expect_in(refused, "without wait_all()");
  }
  session.reset();
  expect_that_another_session_works(GetParam());
}

// On the caller alone is it sure that they have not run.
TEST(SessionEndingOnTheCaller, FailsTasksThereThatMustNotRunTwice) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD, SessionOptions{.worker_count = 1});
  const auto next = session->define("next", [](int n) { return n + 1; });
  const auto where = session->define("where", [] { return test_ranks().rank().value(); });
  session->start();
  const SubmitOptions once{.no_rerun = true, .prefer = last_rank()};
  // Until the nodes know of each other.
  while (session->submit(once, where).get() != last_rank().value()) session->progress();
  session->wait_all();
  MPI_Barrier(MPI_COMM_WORLD);
  // A few may run here, as the last one may still be taken for busy.
  std::vector<Future<int>> futures;
  for (int i = 0; !is_last() && i < 20; ++i) futures.push_back(session->submit(once, next, i));
  MPI_Barrier(MPI_COMM_WORLD);
  int failed = 0;
  for (auto& future : futures) {
    const std::string text = text_of_failure(std::move(future));
    if (text == "no failure") continue;
    expect_in(text, "nowhere else or not twice");
    ++failed;
  }
  if (!is_last()) EXPECT_GT(failed, 0);
  session.reset();
}

// They have been given away, or have failed with the name of this rank.
TEST_P(SessionEnding, BeginsNoTaskOfAnotherRankAfterItsFarewell) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD, options());
  std::atomic<int> begun = 0;
  std::atomic<bool> may_end = false;
  const auto task = session->define("task", [&begun, &may_end](int) {
    ++begun;
    may_end.wait(false);
    return 1;
  });
  session->start();
  std::vector<Future<int>> futures;
  const bool submits = session->rank() == RankId(0);
  const SubmitOptions there{.target = last_rank(), .no_rerun = true};
  for (int i = 0; submits && i < 20; ++i) futures.push_back(session->submit(there, task, i));
  if (is_last()) {
    while (begun == 0) session->progress();
    // The first of them ends when rank 0 has heard the farewell.
    std::thread end([&may_end] {
      MPI_Recv(nullptr, 0, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      may_end = true;
      may_end.notify_all();
    });
    session.reset();
    end.join();
    EXPECT_EQ(begun, 1);
  } else {
    for (auto& future : futures) EXPECT_NE(text_of_failure(std::move(future)), "no failure");
    if (submits) MPI_Send(nullptr, 0, MPI_BYTE, last_rank().value(), 0, MPI_COMM_WORLD);
    session.reset();
  }
}

TEST_P(SessionEnding, AfterARefusalInItsStartIsNotStartedAgain) {
  Session session(MPI_COMM_WORLD, options());
  if (is_last()) return;
  EXPECT_NE(refusal([&] { session.start(); }), kNothingRefused);
  EXPECT_THROW(session.start(), std::logic_error);
  EXPECT_THROW(session.wait_all(), std::logic_error);
}

TEST_P(SessionEnding, BeforeItsStartIsToldToThoseWhoStart) {
  const auto run = [this] {
    Session session(MPI_COMM_WORLD, options());
    session.define("once", [](int n) { return n; });
    if (is_last()) session.define("once", [](int n) { return n; });
    session.start();
  };
  const std::string text = refusal(run);
  expect_in(text, is_last() ? "once" : last_by_name() + " does not begin with the others");
  expect_that_another_session_works(GetParam());
}

TEST_P(SessionEnding, WithoutAStartOnOneRankIsToldToThoseWhoStart) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD, options());
  if (!is_last()) {
    expect_in(refusal([&] { session->start(); }),
              last_by_name() + " does not begin with the others");
  }
  session.reset();
  expect_that_another_session_works(GetParam());
}

TEST_P(SessionEnding, WithoutAStartAnywhereIsNoFault) {
  { const Session session(MPI_COMM_WORLD, options()); }
  expect_that_another_session_works(GetParam());
}

TEST_P(SessionEnding, OfOptionsThatOneRankHasWrongIsToldToAll) {
  SessionOptions one_wrong = options();
  if (is_last()) one_wrong.max_in_flight = 0;
  const std::string text = refusal([&] { const Session session(MPI_COMM_WORLD, one_wrong); });
  expect_in(text, "a session without credit");
  expect_in(text, "SessionOptions::max_in_flight");
  if (!is_last()) expect_in(text, last_by_name() + " refuses");
  expect_that_another_session_works(GetParam());
}

// Its destructor runs after main(), and so after MPI_Finalize: where the session had not ended
// there the program would be aborted.
TEST(SessionEndingWithMpi, DoesNotWaitForTheEndOfItsScope) {
  for (const Progress progress : {Progress::kCaller, Progress::kThread}) {
    static std::vector<std::unique_ptr<Session>> kept;
    kept.push_back(std::make_unique<Session>(
        MPI_COMM_WORLD, SessionOptions{.worker_count = 1, .progress = progress}));
    const auto next = kept.back()->define("next", [](int n) { return n + 1; });
    kept.back()->start();
    EXPECT_EQ(kept.back()->submit(next, 1).get(), 2);
    kept.back()->wait_all();
  }
}

}  // namespace
}  // namespace weir
