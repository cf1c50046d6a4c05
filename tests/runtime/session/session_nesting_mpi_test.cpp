// Tasks of sessions that wait for tasks in numbers that no stack holds.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/session_inputs.hpp"
#include "tests/support/small_stacks.hpp"

namespace weir {
namespace {

class SessionNesting : public testing::TestWithParam<Progress> {
 protected:
  static SessionOptions options() { return {.worker_count = 2, .progress = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(BothKindsOfProgress, SessionNesting,
                         testing::Values(Progress::kCaller, Progress::kThread),
                         [](const auto& kind) {
                           return kind.param == Progress::kCaller ? "Caller" : "Thread";
                         });

TEST_P(SessionNesting, AnyNumberOfTasksMayEachWaitForOneOfTheirOwn) {
  constexpr std::uint64_t kTasks = 2000;
  const SmallStacks stacks;
  SessionOptions few = options();
  few.max_in_flight = kTasks / 2;  // which tasks that wait must not keep others from
  Session session(MPI_COMM_WORLD, few);
  const auto next = session.define("next", [](std::uint64_t n) { return n + 1; });
  const auto wherever = session.define(
      "wherever", [&session, next](std::uint64_t n) { return session.submit(next, n).get(); });
  const auto elsewhere = session.define("elsewhere", [&session, next](std::uint64_t n) {
    return session.submit({.target = next_rank(session)}, next, n).get();
  });
  session.start();
  std::vector<Future<std::uint64_t>> all;
  for (std::uint64_t i = 0; i < kTasks; ++i) {
    all.push_back(session.submit(i % 2 == 0 ? wherever : elsewhere, i));
  }
  std::uint64_t sum = 0;
  for (auto& one : all) sum += one.get();
  EXPECT_EQ(sum, kTasks * (kTasks + 1) / 2);
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST_P(SessionNesting, ATaskMaySubmitAnyNumberThatEachWaitForOneOfTheirOwn) {
  constexpr std::uint64_t kTasks = 1500;
  const SmallStacks stacks;
  Session session(MPI_COMM_WORLD, options());
  const auto leaf = session.define("leaf", [](std::uint64_t n) { return n + 1; });
  const auto middle = session.define(
      "middle", [&session, leaf](std::uint64_t n) { return session.submit(leaf, n).get(); });
  const auto root = session.define("root", [&session, middle] {
    std::vector<Future<std::uint64_t>> all;
    for (std::uint64_t i = 0; i < kTasks; ++i) all.push_back(session.submit(middle, i));
    std::uint64_t sum = 0;
    for (const std::uint64_t one : when_all(std::move(all)).get()) sum += one;
    return sum;
  });
  session.start();
  EXPECT_EQ(session.submit(root).get(), kTasks * (kTasks + 1) / 2);
  session.wait_all();
}

TEST_P(SessionNesting, ARecursionThatIsTooDeepFailsAndLeavesTheSessionUsable) {
  const SmallStacks stacks;
  Session session(MPI_COMM_WORLD, options());
  std::optional<TaskKind<int(int)>> self;
  const auto count = session.define("count", [&session, &self](int n) -> int {
    if (n == 0) return 0;
    return session.submit({.target = session.rank()}, *self, n - 1).get() + 1;
  });
  self = count;
  session.start();
  try {
    session.submit({.target = session.rank()}, count, 1'000'000).get();
    ADD_FAILURE() << "a million stack frames fit";
  } catch (const TaskError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find("tasks that wait for tasks lie too deep"), 0U) << text;
    EXPECT_NE(text.find("then()"), text.npos) << text;
    EXPECT_EQ(error.rank(), session.rank());
  }
  session.wait_all();
  EXPECT_EQ(session.submit({.target = session.rank()}, count, 20).get(), 20);
  session.wait_all();
}

}  // namespace
}  // namespace weir
