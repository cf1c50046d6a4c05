// What becomes of tasks that throw, and of arguments and results that cannot be serialized.

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

TEST(SessionFailures, CountsSpawnedTasksThatThrewAmongTheFailedOnesWhereTheyRan) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto broken = session.define("broken", [](int) { throw std::out_of_range("child"); });
  const auto spawning = session.define("spawning", [broken](TaskContext& context, int errors) {
    for (int i = 0; i < errors; ++i) {
      context.spawn([](TaskContext&) { throw std::out_of_range("child"); }, ClassId(0));
      context.spawn(broken.id, Payload(to_bytes(std::tuple(i))), ClassId(0));
      context.spawn([](TaskContext&) {}, ClassId(0));
    }
  });
  session.start();
  EXPECT_EQ(session.spawn_error_count(), 0U);
  testing::internal::CaptureStderr();
  // Nobody waits for a future: wait_all() alone must know of all of them.
  session.submit({.target = next_rank(session)}, spawning, 10);
  session.submit({.target = next_rank(session)}, broken, 0);
  session.wait_all();
  const std::string errors = testing::internal::GetCapturedStderr();
  EXPECT_NE(errors.find("a spawned task failed: std::out_of_range: child"), errors.npos) << errors;
  EXPECT_EQ(session.spawn_error_count(), 20U);
  EXPECT_EQ(session.failed_count(), 21U);
}

TEST(SessionFailures, TellsTypeTextAndRankOfATaskThatThrew) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto broken = session.define(
      "broken", [](int n) -> int { throw std::invalid_argument("no " + std::to_string(n)); });
  const auto odd = session.define("odd", [] { throw 5; });
  session.start();
  for (const RankId target : all_ranks(session)) {
    auto future = session.submit({.target = target}, broken, 7);
    try {
      future.get();
      FAIL() << "no error";
    } catch (const TaskError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("std::invalid_argument: no 7"), text.npos) << text;
      EXPECT_NE(text.find("(rank " + std::to_string(target.value()) + ")"), text.npos) << text;
      EXPECT_EQ(error.rank(), target);
    }
    EXPECT_THROW(session.submit({.target = target}, odd).get(), TaskError);
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 2U * static_cast<unsigned>(session.rank_count()));
}

TEST(SessionFailures, TriesATaskThatThrewAgainUnlessItMayNotRunTwice) {
  // Counted apart: the rank that targets this one may already be at its next task.
  std::atomic<int> patient_runs = 0;
  std::atomic<int> hopeless_runs = 0;
  std::atomic<int> cautious_runs = 0;
  Session session(MPI_COMM_WORLD, {.worker_count = 2, .max_retries = 2});
  const auto third_time = session.define("third_time", [&](const std::string& text) {
    if (++patient_runs % 3 != 0) throw std::runtime_error("again");
    return text + "!";
  });
  const auto never = session.define("never", [&](bool may_rerun) -> int {
    ++(may_rerun ? hopeless_runs : cautious_runs);
    throw std::runtime_error("never");
  });
  session.start();
  // Each rank's tasks run on the next rank only, one after the other.
  const RankId target = next_rank(session);
  EXPECT_EQ(session.submit({.target = target}, third_time, "done").get(), "done!");
  EXPECT_THROW(session.submit({.target = target}, never, true).get(), TaskError);
  EXPECT_THROW(session.submit({.target = target, .no_rerun = true}, never, false).get(), TaskError);
  session.wait_all();
  EXPECT_EQ(patient_runs, 3);
  EXPECT_EQ(hopeless_runs, 3);
  EXPECT_EQ(cautious_runs, 1);
  EXPECT_EQ(session.failed_count(), 2U);
}

// Cannot be serialized when it is negative.
struct Root {
  double of = 0;
  template <typename Archive>
  void save(Archive& archive) const {
    if (of < 0) throw std::domain_error("of a negative number");
    archive(of);
  }
  template <typename Archive>
  void load(Archive& archive) {
    archive(of);
  }
};

// The text of the TaskError that `get` throws, and its rank; "" when it throws none.
template <typename Result>
std::pair<std::string, RankId> error_of(Future<Result> future) {
  try {
    future.get();
  } catch (const TaskError& error) {
    return {error.what(), error.rank()};
  }
  return {};
}

std::string negative_on(RankId rank) {
  return "std::domain_error: of a negative number (rank " + std::to_string(rank.value()) + ")";
}

TEST(SessionFailures, FailsATaskWhoseArgumentsCannotBeSerializedWhereTheyWouldLeaveTheRank) {
  Session session(MPI_COMM_WORLD, {.worker_count = 2, .max_retries = 1});
  const auto number = session.define("number", [](const Root& root) { return root.of; });
  session.start();
  for (const RankId target : all_ranks(session)) {
    std::vector<Future<double>> good;
    good.push_back(session.submit({.target = target}, number, Root{4}));
    auto bad = session.submit({.target = target}, number, Root{-4});
    good.push_back(session.submit({.target = target}, number, Root{9}));
    if (target == session.rank()) {
      EXPECT_EQ(bad.get(), -4);
    } else {
      EXPECT_EQ(error_of(std::move(bad)), std::pair(negative_on(session.rank()), session.rank()));
    }
    EXPECT_EQ(good[0].get(), 4);
    EXPECT_EQ(good[1].get(), 9);
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), static_cast<unsigned>(session.rank_count()) - 1);
}

TEST(SessionFailures, FailsATaskWhoseResultCannotBeSerialized) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto root = session.define("root", [](double of) { return Root{of}; });
  session.start();
  for (const RankId target : all_ranks(session)) {
    auto bad = session.submit({.target = target}, root, -4.0);
    EXPECT_EQ(session.submit({.target = target}, root, 4.0).get().of, 4);
    EXPECT_EQ(error_of(std::move(bad)), std::pair(negative_on(target), target));
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), static_cast<unsigned>(session.rank_count()));
}

}  // namespace
}  // namespace weir
