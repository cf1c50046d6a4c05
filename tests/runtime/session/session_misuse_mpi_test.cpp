// What a session refuses, and that it works as before afterwards.

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

template <typename Error, typename Action>
std::string error_text(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no such error";
}

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << text;
}

std::string on_rank(RankId rank) { return "(rank " + std::to_string(rank.value()) + ")"; }

TEST(SessionMisuse, ATaskMayThrowWhatIsNoException) {
  struct Odd {};
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto number = session.define("number", []() -> int { throw 5; });
  const auto odd = session.define("odd", []() -> int { throw Odd(); });
  const auto text = session.define("text", []() -> int { throw std::string("no such row"); });
  const auto literal = session.define("literal", []() -> int { throw "no such column"; });
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    auto a = session.submit(there, number);
    auto b = session.submit(there, odd);
    const std::string first = error_text<TaskError>([&] { a.get(); });
    expect_in(first, "int");
    expect_in(first, on_rank(target));
    expect_in(error_text<TaskError>([&] { b.get(); }), "Odd");
    expect_in(error_text<TaskError>([&] { session.submit(there, text).get(); }), "no such row");
    expect_in(error_text<TaskError>([&] { session.submit(there, literal).get(); }),
              "no such column");
    EXPECT_EQ(session.submit(there, next, 1).get(), 2);
  }
  session.wait_all();
}

TEST(SessionMisuse, AKindThatNobodyDefinedIsRefused) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  expect_in(error_text<std::logic_error>([&] { session.submit(TaskKind<int(int)>(), 1); }),
            "there is no task kind");
  EXPECT_EQ(session.submit(next, 1).get(), 2);
  session.wait_all();
}

TEST(SessionMisuse, FuturesOfTwoSessionsAreNotJoined) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  Session other(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  const auto same = other.define("same", [](int n) { return n; });
  session.start();
  other.start();
  auto a = session.submit({.target = session.rank()}, next, 1);
  auto b = other.submit({.target = other.rank()}, same, 1);
  expect_in(error_text<std::logic_error>([&] { when_all(std::move(a), std::move(b)); }),
            "different sessions");
  session.wait_all();
  other.wait_all();
}

TEST(SessionMisuse, OptionsThatMeanNothingAreRefused) {
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.worker_count = -3}), Error);
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.max_retries = -1}), Error);
  EXPECT_THROW(Session(MPI_COMM_NULL, kTwoWorkers), Error);
}

TEST(SessionMisuse, ArgumentsThatDoNotDecodeFailTheirTask) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto size =
      session.define("size", [](const std::string& text, std::vector<double> numbers) {
        return text.size() + numbers.size();
      });
  session.start();
  const TaskKind<Bytes(Payload)> same{size.id};
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    for (const std::size_t size_of_it : {0, 3, 8, 15}) {
      Bytes bytes(size_of_it, std::byte{0});
      if (size_of_it > 1) bytes[1] = std::byte{3};  // a text of 768 letters, which do not follow
      auto damaged = session.submit_raw(there, same, Payload(std::move(bytes)));
      const std::string text = error_text<TaskError>([&] { damaged.get(); });
      EXPECT_NE(text, "no such error");
      expect_in(text, on_rank(target));
    }
    EXPECT_EQ(session.submit(there, size, "four", std::vector<double>{1}).get(), 5U);
  }
  session.wait_all();
}

TEST(SessionMisuse, AKindThatTheReceivingRankDoesNotKnowFailsTheTask) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  for (const RankId target : all_ranks(session)) {
    auto unknown =
        session.submit_raw({.target = target}, TaskKind<Bytes(Payload)>{KindId(999)}, Payload());
    const std::string text = error_text<TaskError>([&] { unknown.get(); });
    expect_in(text, "unknown task kind 999");
    expect_in(text, on_rank(target));
    EXPECT_EQ(session.submit({.target = target}, next, 1).get(), 2);
  }
  session.wait_all();
}

TEST(SessionMisuse, RefusesPayloadsBeyondTheLimitAndNamesIt) {
  constexpr std::size_t kMost = 100'000;
  Session session(MPI_COMM_WORLD, {.worker_count = 2, .max_payload_bytes = kMost});
  const auto echo =
      session.define_raw("echo", [](TaskContext&, const Payload& payload, Bytes& result) {
        const auto bytes = payload.bytes();
        result.assign(bytes.begin(), bytes.end());
        result.resize(2 * result.size());
      });
  const auto length = session.define("length", [](const std::string& text) { return text.size(); });
  const auto letters = session.define("letters", [](std::size_t n) { return std::string(n, 'w'); });
  session.start();
  const std::string raw = refusal([&] { session.submit_raw({}, echo, Payload(Bytes(kMost + 1))); });
  expect_in(raw, "a payload is too large");
  expect_in(raw, "found   100001 bytes");
  expect_in(raw, "SessionOptions::max_payload_bytes");
  EXPECT_NE(refusal([&] { session.submit_detached({}, echo.id, Payload(Bytes(kMost + 1))); }),
            kNothingRefused);
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    const std::string long_text(kMost, 'x');  // And its length.
    auto arguments = session.submit(there, length, long_text);
    if (target == session.rank()) {
      EXPECT_EQ(arguments.get(), kMost);
    } else {
      expect_in(error_text<TaskError>([&] { arguments.get(); }),
                "the argument list of a task is too large\n  found   100008 bytes");
    }
    auto result = session.submit(there, letters, kMost);
    expect_in(error_text<TaskError>([&] { result.get(); }),
              "the result of a task is too large\n  found   100008 bytes");
    auto raw_result = session.submit_raw(there, echo, Payload(Bytes(kMost)));
    expect_in(error_text<TaskError>([&] { raw_result.get(); }),
              "the result of a task is too large\n  found   200000 bytes");
    EXPECT_EQ(session.submit(there, letters, kMost - 8).get().size(), kMost - 8);
  }
  session.wait_all();
}

TEST(SessionMisuse, RefusesWhatComesTooEarlyOrTooLate) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  for (const std::string& text : {error_text<std::logic_error>([&] { session.submit(next, 1); }),
                                  error_text<std::logic_error>([&] { session.progress(); }),
                                  error_text<std::logic_error>([&] { session.wait_all(); }),
                                  error_text<std::logic_error>([&] { session.run_here([] {}); })}) {
    expect_in(text, "has not been started");
  }
  session.start();
  expect_in(error_text<std::logic_error>([&] { session.start(); }), "started before");
  expect_in(error_text<std::logic_error>([&] { session.define("late", [] {}); }), "after start()");
  for (const SubmitOptions& wrong :
       {SubmitOptions{.target = RankId(session.rank_count())}, SubmitOptions{.prefer = RankId(77)},
        SubmitOptions{.task_class = ClassId(4)}}) {
    expect_in(error_text<std::logic_error>([&] { session.submit(wrong, next, 1); }),
              "no such class or rank");
  }
  EXPECT_EQ(session.submit(next, 1).get(), 2);
  session.wait_all();
}

TEST(SessionMisuse, RefusesMemoryDomainsThatAreNotThere) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  const int count = session.memory_domain_count();
  EXPECT_GE(count, 1);
  const RankId here = session.rank();
  for (const SubmitOptions& wrong : {SubmitOptions{.memory_domain = -1},
                                     SubmitOptions{.target = here, .memory_domain = count}}) {
    expect_in(error_text<std::logic_error>([&] { session.submit(wrong, next, 1); }),
              "there is no memory domain");
  }
  EXPECT_EQ(session.submit({.target = here, .memory_domain = count - 1}, next, 1).get(), 2);
  EXPECT_EQ(session.submit({.memory_domain = 1000}, next, 1).get(), 2) << "a wish, no promise";
  EXPECT_EQ(session.run_here_with({.memory_domain = 0}, [] { return 3; }).get(), 3);
  if (session.rank_count() > 1) {
    const SubmitOptions there{.target = next_rank(session), .memory_domain = 1000};
    expect_in(error_text<TaskError>([&] { session.submit(there, next, 1).get(); }),
              "there is no memory domain 1000 where the task was to run");
  }
  session.wait_all();
}

TEST(SessionMisuse, RefusesAnOwnThreadWhereMpiGivesTooLittleThreadSupport) {
  const std::string report =
      refusal([] { Session session(MPI_COMM_WORLD, {.progress = Progress::kThread}); });
  expect_in(report, "MPI gives too little thread support");
  expect_in(report, "found   MPI_THREAD_FUNNELED");
  expect_in(report, "needed  MPI_THREAD_MULTIPLE");
  expect_in(report, "try     calling MPI_Init_thread with MPI_THREAD_MULTIPLE");
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  session.wait_all();
}

TEST(SessionMisuse, RefusesOptionsOutOfRange) {
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.max_in_flight = 0}), Error);
  EXPECT_THROW(Session(MPI_COMM_WORLD, {.prefer_patience = Duration(-1)}), Error);
}

}  // namespace
}  // namespace weir
