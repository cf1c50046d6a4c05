// How a session begins, or refuses to.

#include <gtest/gtest.h>

#include <string>

#include "runtime/base/error.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

bool is_last(const Session& session) { return session.rank().value() == session.rank_count() - 1; }

void expect_refused_naming(const std::string& report, const std::string& name) {
  if (test_ranks().rank_count() == 1) {
    EXPECT_EQ(report, kNothingRefused);  // Nobody to differ from.
  } else {
    EXPECT_NE(report.find(name), report.npos) << report;
  }
}

TEST(SessionStart, RefusesTaskTablesThatDifferOnAllRanksAndNamesTheTask) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1});
  session.define("first", [](int n) { return n; });
  const bool last = session.rank_count() > 1 && is_last(session);
  session.define(last ? "only_there" : "everywhere", [](int n) { return n; });
  const std::string report = refusal([&] { session.start(); });
  expect_refused_naming(report, "only_there");
  expect_refused_naming(report, "everywhere");
  expect_refused_naming(report, "rank " + std::to_string(session.rank_count() - 1));
}

TEST(SessionStart, RefusesATaskThatOneRankDidNotDefine) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1});
  session.define("first", [](int n) { return n; });
  if (session.rank() == RankId(0)) session.define("missing", [](int n) { return n; });
  expect_refused_naming(refusal([&] { session.start(); }), "missing");
}

TEST(SessionStart, RefusesAKindThatIsImmediateOnOneRankOnly) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1});
  session.define("kind", [](int n) { return n; }, {.immediate = session.rank() == RankId(0)});
  expect_refused_naming(refusal([&] { session.start(); }), "immediate");
}

TEST(SessionStart, RefusesSettingsThatDiffer) {
  const bool first = test_ranks().rank() == RankId(0);
  {
    Session session(MPI_COMM_WORLD, {.class_count = first ? 3 : 4});
    expect_refused_naming(refusal([&] { session.start(); }), "class_count=3");
  }
  {
    Session session(MPI_COMM_WORLD, {.policy = first ? "random" : "round_robin"});
    expect_refused_naming(refusal([&] { session.start(); }), "policy=random");
  }
  Session session(MPI_COMM_WORLD, {.max_retries = first ? 1 : 2});
  expect_refused_naming(refusal([&] { session.start(); }), "max_retries=1");
}

TEST(SessionStart, RefusesAPolicyThatDoesNotExist) {
  Session session(MPI_COMM_WORLD, {.policy = "no_such_policy"});
  const std::string report = refusal([&] { session.start(); });
  EXPECT_NE(report.find("no_such_policy"), report.npos) << report;
}

TEST(SessionStart, RefusesClassCountsOutOfRange) {
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.class_count = 0}), Error);
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.class_count = kMaxClasses + 1}), Error);
}

TEST(SessionStart, RefusesNamesThatAreTakenOrBroken) {
  Session session(MPI_COMM_WORLD);
  session.define("once", [](int n) { return n; });
  EXPECT_THROW(session.define("once", [](int n) { return n; }), Error);
  EXPECT_THROW(session.define("", [](int n) { return n; }), Error);
}

TEST(SessionStart, WorksAgainAfterARefusal) {
  {
    Session session(MPI_COMM_WORLD, {.policy = "no_such_policy"});
    EXPECT_THROW(session.start(), Error);
  }
  Session session(MPI_COMM_WORLD, {.worker_count = 1});
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  EXPECT_EQ(session.worker_count(), 1);
  EXPECT_EQ(session.submit(next, 1).get(), 2);
  session.wait_all();
}

}  // namespace
}  // namespace weir
