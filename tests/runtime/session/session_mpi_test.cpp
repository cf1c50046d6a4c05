#include "runtime/session/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

int add(int a, int b) { return a + b; }
std::uint64_t worker_seen(TaskContext& context, int) {
  return static_cast<std::uint64_t>(context.worker().value());
}

struct Scale {
  double factor;
  double operator()(double x) const { return factor * x; }
};

TEST(Session, RunsLambdasFunctionsAndFunctors) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto square = session.define("square", [](double x) { return x * x; });
  const auto sum = session.define("add", add);
  const auto same_sum = session.define("add_by_pointer", &add);
  const auto twice = session.define("scale", Scale{2});
  const auto worker = session.define("worker", worker_seen);
  session.start();
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    auto a = session.submit(there, square, 3.0);
    auto b = session.submit(there, sum, 20, 22);
    auto c = session.submit(there, same_sum, 1, 2);
    auto d = session.submit(there, twice, 2.25);
    auto e = session.submit(there, worker, 0);
    EXPECT_EQ(a.get(), 9.0);
    EXPECT_EQ(b.get(), 42);
    EXPECT_EQ(c.get(), 3);
    EXPECT_EQ(d.get(), 4.5);
    EXPECT_LT(e.get(), 2U);
  }
  session.wait_all();
}

int subtract(int a, int b) noexcept { return a - b; }

struct Offset {
  int by = 0;
  int operator()(int n) const noexcept { return n + by; }
  int twice(int n) const { return n + 2 * by; }
  int thrice(int n) const& noexcept { return n + 3 * by; }
  template <typename Archive>
  void serialize(Archive& archive) {
    archive(by);
  }
};

// Not const.
struct Tally {
  int calls = 0;
  int operator()(TaskContext&, int n) noexcept { return ++calls * n; }
};

TEST(Session, RunsCallablesThatAreNoexceptMutableOrMembers) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto difference = session.define("subtract", subtract);
  const auto same_difference = session.define("subtract_by_pointer", &subtract);
  const auto negative = session.define("negative", [](int n) noexcept { return -n; });
  const auto offset = session.define("offset", Offset{5});
  const auto twice = session.define("twice", &Offset::twice);
  const auto thrice = session.define("thrice", &Offset::thrice);
  const auto tally = session.define("tally", Tally{});
  const auto counting =
      session.define("counting", [calls = 0](TaskContext&) mutable { return ++calls; });
  const auto quiet = session.define("quiet", []() mutable noexcept {});
  session.start();
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    EXPECT_EQ(session.submit(there, difference, 20, 22).get(), -2);
    EXPECT_EQ(session.submit(there, same_difference, 3, 1).get(), 2);
    EXPECT_EQ(session.submit(there, negative, 7).get(), -7);
    EXPECT_EQ(session.submit(there, offset, 7).get(), 12);
    EXPECT_EQ(session.submit(there, twice, Offset{10}, 1).get(), 21);
    EXPECT_EQ(session.submit(there, thrice, Offset{10}, 1).get(), 31);
    session.submit(there, quiet).get();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(session.submit(there, tally, 6).get(), 6) << "each run starts anew";
      EXPECT_EQ(session.submit(there, counting).get(), 1);
    }
  }
  session.wait_all();
}

TEST(Session, CarriesStringsVectorsAndSeveralArguments) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto repeat = session.define("repeat", [](const std::string& text, int count) {
    return std::vector<std::string>(static_cast<std::size_t>(count), text);
  });
  const auto dot = session.define(
      "dot", [](const std::vector<double>& a, const std::vector<double>& b, double scale) {
        return scale * std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
      });
  const auto pair = session.define(
      "pair", [](std::pair<int, std::string> p, const std::map<std::string, std::vector<int>>& m) {
        return std::make_tuple(p.second, p.first, m.at(p.second).size());
      });
  session.start();
  for (const RankId target : all_ranks(session)) {
    const SubmitOptions there{.target = target};
    auto texts = session.submit(there, repeat, "weir", 3);
    auto number = session.submit(there, dot, std::vector{1.0, 2.0}, std::vector{3.0, 4.0}, 10.0);
    auto tuple = session.submit(there, pair, std::make_pair(7, "x"),
                                std::map<std::string, std::vector<int>>{{"x", {1, 2, 3}}});
    auto none = session.submit(there, repeat, std::string(), 0);
    EXPECT_EQ(texts.get(), (std::vector<std::string>{"weir", "weir", "weir"}));
    EXPECT_EQ(number.get(), 110.0);
    EXPECT_EQ(tuple.get(), (std::tuple<std::string, int, std::size_t>("x", 7, 3)));
    EXPECT_TRUE(none.get().empty());
  }
  session.wait_all();
}

TEST(Session, RunsAPinnedTaskOnItsTarget) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const int here = session.rank().value();
  const auto where = session.define("where", [here] { return here; });
  session.start();
  for (int i = 0; i < 20; ++i) {
    std::vector<Future<int>> futures;
    for (const RankId target : all_ranks(session)) {
      futures.push_back(session.submit({.target = target}, where));
    }
    for (int rank = 0; rank < session.rank_count(); ++rank) {
      EXPECT_EQ(futures[static_cast<std::size_t>(rank)].get(), rank);
    }
  }
  session.wait_all();
}

TEST(Session, WaitsForTasksWithoutAResult) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto note = session.define("note", [&ran](std::uint64_t n) { ran += n; });
  session.start();
  session.submit({.target = session.rank()}, note, std::uint64_t{5}).get();
  EXPECT_GE(ran, 5U);
  session.submit(note, std::uint64_t{7}).get();
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 12U * static_cast<unsigned>(session.rank_count()));
}

// Counts what is done to it in this process.
struct Counted {
  Counted() = default;
  explicit Counted(int v) : value(v) {}
  Counted(const Counted& other) : value(other.value) { ++copies; }
  Counted(Counted&& other) noexcept : value(other.value) {}
  Counted& operator=(const Counted&) = delete;

  template <typename Archive>
  void save(Archive& archive) const {
    ++saves;
    archive(value);
  }
  template <typename Archive>
  void load(Archive& archive) {
    ++loads;
    archive(value);
  }

  int value = 0;
  static inline std::atomic<int> copies = 0;
  static inline std::atomic<int> saves = 0;
  static inline std::atomic<int> loads = 0;
};

TEST(Session, LeavesArgumentsAsTheyAreUntilTheyLeaveTheRank) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto value_of = session.define("value_of", [](const Counted& c) { return c.value; });
  session.start();
  Counted::copies = Counted::saves = Counted::loads = 0;
  session.wait_all();
  EXPECT_EQ(session.submit({.target = session.rank()}, value_of, Counted(41)).get(), 41);
  EXPECT_EQ(Counted::copies, 0);
  EXPECT_EQ(Counted::saves, 0);
  EXPECT_EQ(Counted::loads, 0);
  session.wait_all();

  EXPECT_EQ(session.submit({.target = next_rank(session)}, value_of, Counted(42)).get(), 42);
  session.wait_all();
  const int crossings = session.rank_count() > 1 ? 1 : 0;
  EXPECT_EQ(Counted::copies, 0);
  EXPECT_EQ(Counted::saves, crossings);
  EXPECT_EQ(Counted::loads, crossings);
}

TEST(Session, FinishesSpawnedWorkBeforeWaitAllReturns) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  // A binary tree of spawned tasks below every submitted one.
  struct Grow {
    std::atomic<std::uint64_t>& ran;
    int depth;
    void operator()(TaskContext& context) const {
      ++ran;
      if (depth == 0) return;
      context.spawn(Grow{ran, depth - 1}, ClassId(0));
      context.spawn(Grow{ran, depth - 1}, ClassId(0));
    }
  };
  const auto tree = session.define("tree", [&ran](TaskContext& context, int depth) {
    Grow{ran, depth}(context);
  });
  session.start();
  const auto ranks = static_cast<std::uint64_t>(session.rank_count());
  for (std::uint64_t round = 1; round <= 3; ++round) {
    for (const RankId target : all_ranks(session)) session.submit({.target = target}, tree, 9);
    session.wait_all();
    EXPECT_EQ(sum_over_ranks(ran), round * ranks * ranks * 1023);
  }
}

TEST(Session, SpawnsRegisteredKinds) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto leaf = session.define("leaf", [&ran] { ++ran; });
  const auto root = session.define("root", [leaf](TaskContext& context) {
    for (int i = 0; i < 10; ++i) context.spawn(leaf.id, Payload(), ClassId(1));
  });
  session.start();
  session.submit({.target = next_rank(session)}, root);
  session.wait_all();
  EXPECT_EQ(ran, 10U);
}

TEST(Session, CarriesLargePayloadsRawAndTyped) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto raw = session.define_raw("raw", [](TaskContext&, const Payload& in, Bytes& out) {
    out.assign(in.bytes().rbegin(), in.bytes().rend());
  });
  const auto typed = session.define("typed", [](std::vector<std::uint64_t> numbers) {
    std::ranges::reverse(numbers);
    return numbers;
  });
  session.start();
  for (const std::size_t size : {std::size_t{70'000}, std::size_t{8'000'000}}) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 251);
    std::vector<std::uint64_t> numbers(size / 8);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{size});
    const SubmitOptions there{.target = next_rank(session)};
    auto raw_back = session.submit_raw(there, raw, Payload(bytes));
    auto typed_back = session.submit(there, typed, numbers);
    std::ranges::reverse(bytes);
    std::ranges::reverse(numbers);
    EXPECT_TRUE(raw_back.get() == bytes);
    EXPECT_TRUE(typed_back.get() == numbers);
  }
  session.wait_all();
}

TEST(Session, RunsImmediateTasksOnTheControlThread) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto now = session.define(
      "now", [](TaskContext& context, int n) { return n + context.worker().value(); },
      {.immediate = true});
  session.start();
  for (const RankId target : all_ranks(session)) {
    // On this rank nothing rings: if every result waited for the loop's safety time-out of 250 ms,
    // this would take longer than the test may.
    const int count = target == session.rank() ? 600 : 20;
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(session.submit({.target = target}, now, i).get(), i + kNoWorker.value());
    }
  }
  session.wait_all();
}

TEST(Session, GivesAResultOnceAndSaysWhenItIsReady) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto sum = session.define("add", add);
  session.start();
  Future<int> future = session.submit({.target = next_rank(session)}, sum, 1, 2);
  while (!future.ready()) session.progress_for(std::chrono::microseconds(100));
  EXPECT_TRUE(future.ready());
  Future<int> taken = std::move(future);
  EXPECT_EQ(taken.get(), 3);
  EXPECT_THROW(taken.get(), std::logic_error);
  EXPECT_THROW(future.get(), std::logic_error);
  EXPECT_TRUE(future.ready()) << "it will not wait";
  session.wait_all();
}

TEST(Session, RunsTasksOfAllClassesAndPriorities) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, {.worker_count = 2, .class_count = kMaxClasses});
  const auto tick = session.define("tick", [&ran] { ++ran; });
  session.start();
  for (int i = 0; i < 320; ++i) {
    session.submit({.task_class = ClassId(static_cast<std::uint8_t>(i % kMaxClasses)),
                    .priority = static_cast<std::uint8_t>(i % 5),
                    .deadline = std::chrono::seconds(1),
                    .cost_hint = std::chrono::microseconds(i)},
                   tick);
  }
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 320U * static_cast<unsigned>(session.rank_count()));
}

TEST(Session, APreferredRankGetsTheTaskUnlessItIsBehind) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1, .prefer_patience = std::chrono::hours(1)});
  const int here = session.rank().value();
  const auto where = session.define("where", [here](int) { return here; });
  session.start();
  // With that much patience it is never behind.
  for (const RankId wanted : all_ranks(session)) {
    std::vector<Future<int>> all;
    for (int i = 0; i < 50; ++i) all.push_back(session.submit({.prefer = wanted}, where, i));
    for (auto& one : all) EXPECT_EQ(one.get(), wanted.value());
  }
  session.wait_all();
}

TEST(Session, APreferenceGivesWayWhereTheRankIsBehind) {
  Session session(MPI_COMM_WORLD, {.worker_count = 1, .prefer_patience = Duration(0)});
  const int here = session.rank().value();
  const auto where = session.define("where", [here](int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return here;
  });
  session.start();
  const RankId wanted = next_rank(session);
  std::vector<Future<int>> all;
  for (int i = 0; i < 40; ++i) all.push_back(session.submit({.prefer = wanted}, where, i));
  int elsewhere = 0;
  for (auto& one : all) elsewhere += one.get() == wanted.value() ? 0 : 1;
  if (session.rank_count() == 1) {
    EXPECT_EQ(elsewhere, 0);
  } else {
    EXPECT_GT(elsewhere, 0);
  }
  session.wait_all();
}

}  // namespace
}  // namespace weir
