// Read-only data: put on one rank, fetched by tasks of all, with either kind of progress.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

using Numbers = std::vector<double>;

Numbers numbers_from(double first, std::size_t count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

double sum_of(const Numbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

template <typename Thrown, typename Call>
std::string text_of(const Call& call) {
  try {
    call();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class SessionData : public testing::TestWithParam<Progress> {
 protected:
  static SessionOptions options() { return {.worker_count = 2, .progress = GetParam()}; }
  static SessionOptions options_with_room(std::size_t bytes) {
    SessionOptions options = SessionData::options();
    options.max_cached_bytes = bytes;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(BothKindsOfProgress, SessionData,
                         testing::Values(Progress::kCaller, Progress::kThread),
                         [](const auto& kind) {
                           return kind.param == Progress::kCaller ? "Caller" : "Thread";
                         });

TEST_P(SessionData, AreReadByTasksOfAllRanks) {
  Session session(MPI_COMM_WORLD, options());
  const auto sum = session.define(
      "sum", [](const Data<Numbers>& data, double factor) { return factor * sum_of(*data.get()); });
  session.start();
  // Short ones travel inside of a message, long ones beside it.
  for (const std::size_t count : {0, 10, 500'000}) {
    const Data<Numbers> data = session.put("numbers", numbers_from(session.rank().value(), count));
    EXPECT_EQ(data.home(), session.rank());
    EXPECT_EQ(data.name(), "numbers");
    EXPECT_EQ(data.byte_count(), count * sizeof(double) + sizeof(std::uint64_t));
    const double expected = sum_of(*session.fetch(data));
    for (const RankId target : all_ranks(session)) {
      EXPECT_EQ(session.submit({.target = target}, sum, data, 2.0).get(), 2 * expected);
    }
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
  const auto others = static_cast<unsigned>(session.rank_count() - 1);
  EXPECT_EQ(session.data_counts().fetches, 3 * others);
  EXPECT_EQ(session.data_counts().fetched_bytes, others * (500'010 * sizeof(double) + 24));
}

TEST_P(SessionData, AreFetchedOnceForAllTasksOfARank) {
  Session session(MPI_COMM_WORLD, options());
  const auto sum =
      session.define("sum", [](const Data<Numbers>& data) { return sum_of(*data.get()); });
  session.start();
  const Data<Numbers> data = session.put("numbers", numbers_from(1, 200'000));
  std::vector<Future<double>> sums;
  for (int i = 0; i < 50; ++i) {
    sums.push_back(session.submit({.target = next_rank(session)}, sum, data));
  }
  for (auto& one : sums) EXPECT_EQ(one.get(), 200'000 * 200'001.0 / 2);
  session.wait_all();
  const DataCounts counts = session.data_counts();
  EXPECT_EQ(counts.fetches, session.rank_count() > 1 ? 1U : 0U);
  EXPECT_EQ(counts.hits, session.rank_count() > 1 ? 49U : 0U);
  EXPECT_EQ(counts.put_bytes, data.byte_count());
}

TEST_P(SessionData, HaveOneValueForAllThatReadThem) {
  Session session(MPI_COMM_WORLD, options());
  session.start();
  const Data<Numbers> own = session.put("numbers", numbers_from(1, 100));
  EXPECT_EQ(session.fetch(own), session.fetch(own));
  meet();
  const auto other = session.find<Numbers>("numbers", next_rank(session));
  const auto value = session.fetch(other);
  EXPECT_EQ(value, session.fetch(other));
  EXPECT_EQ(*value, numbers_from(1, 100));
  session.wait_all();
}

TEST_P(SessionData, OutliveTheirSessionWithWhoHoldsThem) {
  std::shared_ptr<const Numbers> own;
  std::shared_ptr<const Numbers> other;
  {
    Session session(MPI_COMM_WORLD, options());
    const Data<Numbers> data = session.put("before the start", numbers_from(1, 3));
    session.start();
    meet();
    own = session.fetch(data);
    other = session.fetch(session.find<Numbers>("before the start", next_rank(session)));
    session.wait_all();
  }
  EXPECT_EQ(*own, (Numbers{1, 2, 3}));
  EXPECT_EQ(*other, (Numbers{1, 2, 3}));
}

TEST_P(SessionData, HaveVersionsThatStayUntilTheyAreForgotten) {
  Session session(MPI_COMM_WORLD, options());
  session.start();
  const Data<std::string> first = session.put<std::string>("text", "first");
  const Data<std::string> second = session.put<std::string>("text", "second");
  EXPECT_EQ(first.version(), 1U);
  EXPECT_EQ(second.version(), 2U);
  meet();
  const RankId next = next_rank(session);
  const auto newest = session.find<std::string>("text", next);
  EXPECT_EQ(newest.version(), 2U);
  EXPECT_EQ(*session.fetch(newest), "second");
  session.wait_all();

  session.forget(second);
  session.forget(second);
  session.wait_all();
  const auto older = session.find<std::string>("text", next);
  EXPECT_EQ(older.version(), 1U);
  EXPECT_EQ(*session.fetch(older), "first");
  // From the cache it is still to be had, and the other one's forgetting has no part in it.
  if (session.rank_count() > 1) {
    EXPECT_EQ(*session.fetch(newest), "second");
  }
  session.forget(newest);
  const std::string text = text_of<Error>([&] { session.fetch(newest); });
  EXPECT_TRUE(contains(
      text, "version 2 of the data \"text\" is not on rank " + std::to_string(next.value())))
      << text;
  EXPECT_TRUE(contains(text, "it was forgotten there, the newest is version 1")) << text;
  session.wait_all();
  EXPECT_EQ(*session.fetch(session.put<std::string>("text", "third")), "third");
  EXPECT_EQ(session.find<std::string>("text", session.rank()).version(), 3U);
  session.wait_all();
}

TEST_P(SessionData, SayWhatIsNotThere) {
  Session session(MPI_COMM_WORLD, options());
  const auto read =
      session.define("read", [](const Data<std::string>& data) { return data.get()->size(); });
  session.start();
  const RankId next = next_rank(session);
  const std::string text = text_of<Error>([&] { session.find<int>("nothing", next); });
  EXPECT_TRUE(
      contains(text, "there is no data \"nothing\" on rank " + std::to_string(next.value())))
      << text;
  EXPECT_TRUE(contains(text, "nothing of that name was put there")) << text;
  // In a task the text travels.
  const Data<std::string> data = session.put<std::string>("text", "a");
  session.forget(data);
  const std::string failure =
      text_of<TaskError>([&] { session.submit({.target = next}, read, data).get(); });
  EXPECT_TRUE(contains(failure, "version 1 of the data \"text\" is not on rank " +
                                    std::to_string(session.rank().value())))
      << failure;
  EXPECT_TRUE(contains(failure, "all of that name was forgotten there")) << failure;
  session.wait_all();
  EXPECT_EQ(session.submit({.target = next}, read, session.put<std::string>("text", "abc")).get(),
            3U);
  session.wait_all();
}

TEST_P(SessionData, SayWhichTypeTheyAre) {
  Session session(MPI_COMM_WORLD, options());
  session.start();
  const Data<int> number = session.put("number", 7);
  meet();
  const RankId next = next_rank(session);
  const std::string text = text_of<Error>([&] { session.find<double>("number", next); });
  EXPECT_TRUE(contains(
      text, "the data \"number\" is not of the type double\n  found   it is of the type int"));
  const auto found = session.find<int>("number", next);
  const Data<float> mistaken(found.ref());
  const std::string other = text_of<Error>([&] { session.fetch(mistaken); });
  EXPECT_TRUE(contains(other,
                       "version 1 of the data \"number\" is not of the type float\n"
                       "  found   it is of the type int"))
      << other;
  EXPECT_EQ(*session.fetch(found), 7);
  EXPECT_EQ(*session.fetch(number), 7);
  session.wait_all();
}

TEST_P(SessionData, UsedLongestAgoLeaveTheCacheFirst) {
  Session session(MPI_COMM_WORLD, options_with_room(3000));
  session.start();
  std::vector<Data<Bytes>> own;
  for (int i = 0; i < 4; ++i) {
    own.push_back(session.put("block " + std::to_string(i), Bytes(1000, std::byte(i))));
  }
  meet();
  std::vector<Data<Bytes>> blocks;
  for (int i = 0; i < 4; ++i) {
    blocks.push_back(session.find<Bytes>("block " + std::to_string(i), next_rank(session)));
  }
  for (const int i : {0, 1, 2, 0, 3, 0, 2}) {
    EXPECT_EQ(*session.fetch(blocks[i]), Bytes(1000, std::byte(i)));
  }
  const DataCounts before = session.data_counts();
  EXPECT_EQ(*session.fetch(blocks[1]), Bytes(1000, std::byte(1)));
  const DataCounts after = session.data_counts();
  if (session.rank_count() > 1) {
    EXPECT_EQ(before.fetches, 4U);
    EXPECT_EQ(before.evictions, 1U);
    EXPECT_EQ(before.hits, 3U);
    EXPECT_EQ(before.cached_bytes, 3000U);
    EXPECT_EQ(after.fetches, 5U);
    EXPECT_EQ(after.cached_bytes, 3000U);
  }
  session.wait_all();
}

TEST_P(SessionData, InUseStayInTheCacheAndAreRefusedMoreRoom) {
  Session session(MPI_COMM_WORLD, options_with_room(1500));
  session.start();
  const Data<Bytes> first = session.put("first", Bytes(1000, std::byte(1)));
  const Data<Bytes> second = session.put("second", Bytes(1000, std::byte(2)));
  meet();
  if (session.rank_count() > 1) {
    const auto one = session.find<Bytes>("first", next_rank(session));
    const auto two = session.find<Bytes>("second", next_rank(session));
    auto held = session.fetch(one);
    const std::string text = text_of<Error>([&] { session.fetch(two); });
    for (const char* const part :
         {"no room in the cache for version 1 of the data \"second\", 1000 bytes",
          "the data that tasks of this rank use now have 1000 bytes",
          "at most 1500 bytes in use at one time (SessionOptions::max_cached_bytes)"}) {
      EXPECT_TRUE(contains(text, part)) << text;
    }
    EXPECT_EQ(*held, Bytes(1000, std::byte(1)));
    held.reset();
    EXPECT_EQ(*session.fetch(two), Bytes(1000, std::byte(2)));
    EXPECT_EQ(session.data_counts().evictions, 1U);
  }
  session.wait_all();
}

TEST_P(SessionData, LargerThanTheCacheFailTheTaskThatFetchesThem) {
  Session session(MPI_COMM_WORLD, options_with_room(1500));
  const auto size =
      session.define("size", [](const Data<Bytes>& data) { return data.get()->size(); });
  session.start();
  const Data<Bytes> large = session.put("large", Bytes(1501));
  const Data<Bytes> small = session.put("small", Bytes(1500));
  EXPECT_EQ(session.submit({.target = session.rank()}, size, large).get(), 1501U);
  if (session.rank_count() > 1) {
    const SubmitOptions there{.target = next_rank(session)};
    const std::string text = text_of<TaskError>([&] { session.submit(there, size, large).get(); });
    EXPECT_TRUE(contains(text, "1501 bytes")) << text;
    EXPECT_TRUE(contains(text, "it alone is too large")) << text;
    EXPECT_EQ(session.submit(there, size, small).get(), 1500U);
  }
  session.wait_all();
}

TEST_P(SessionData, AreRefusedAboveTheLimitOfAPayload) {
  SessionOptions limited = options();
  limited.max_payload_bytes = 1000;
  Session session(MPI_COMM_WORLD, limited);
  session.start();
  EXPECT_THROW(session.put("large", Bytes(1001)), Error);
  EXPECT_EQ(session.fetch(session.put("small", Bytes(1000)))->size(), 1000U);
  session.wait_all();
}

// Written as one number, and never read again.
struct Unreadable {
  int number = 0;
  template <typename Archive>
  void save(Archive& archive) const {
    archive(number);
  }
  template <typename Archive>
  void load(Archive& archive) {
    archive(number);
    throw std::runtime_error("cannot be read");
  }
};

// Not for the second time; the first is when its bytes are counted.
struct Unwritable {
  inline static std::atomic<int> times = 0;
  int number = 0;
  template <typename Archive>
  void save(Archive& archive) const {
    archive(number);
    if (++times > 1) throw std::runtime_error("cannot be written");
  }
  template <typename Archive>
  void load(Archive& archive) {
    archive(number);
  }
};

TEST(SessionDataOnce, ThatCannotTravelSayWhy) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  session.put("unreadable", Unreadable{1});
  Unwritable::times = 0;
  session.put("unwritable", Unwritable{1});
  meet();
  if (session.rank_count() > 1) {
    const auto unreadable = session.find<Unreadable>("unreadable", next_rank(session));
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(text_of<std::runtime_error>([&] { session.fetch(unreadable); }), "cannot be read");
    }
    const auto unwritable = session.find<Unwritable>("unwritable", next_rank(session));
    const std::string text = text_of<Error>([&] { session.fetch(unwritable); });
    EXPECT_TRUE(contains(text, "std::runtime_error: cannot be written")) << text;
  }
  session.wait_all();
}

TEST_P(SessionData, AreFetchedInSpawnedTasks) {
  std::atomic<int> right = 0;
  std::optional<Data<Numbers>> other;
  Session session(MPI_COMM_WORLD, options());
  const auto spawning = session.define("spawning", [&](TaskContext& context) {
    for (int i = 0; i < 20; ++i) {
      context.spawn([&](TaskContext&) { right += sum_of(*session.fetch(*other)) == 6 ? 1 : 0; },
                    ClassId(0));
    }
  });
  session.start();
  session.put("numbers", Numbers{1, 2, 3});
  meet();
  other = session.find<Numbers>("numbers", next_rank(session));
  session.submit({.target = session.rank()}, spawning);
  session.wait_all();
  EXPECT_EQ(right, 20);
  EXPECT_EQ(session.failed_count(), 0U);
}

// Each worker uses one value at a time, of which two fit.
TEST_P(SessionData, FitWhereTheWorkersOfARankHaveRoomForOneEach) {
  Session session(MPI_COMM_WORLD, options_with_room(2 * 1100 * sizeof(double)));
  const auto sum =
      session.define("sum", [](const Data<Numbers>& data) { return sum_of(*data.get()); });
  session.start();
  for (int i = 0; i < 20; ++i) session.put("numbers " + std::to_string(i), numbers_from(i, 1000));
  meet();
  std::vector<Data<Numbers>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(session.find<Numbers>("numbers " + std::to_string(i), next_rank(session)));
  }
  std::vector<Future<double>> sums;
  for (std::size_t i = 0; i < 200; ++i) {
    sums.push_back(session.submit({.target = session.rank()}, sum, others[i % 20]));
  }
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(sums[i].get(), sum_of(numbers_from(static_cast<double>(i % 20), 1000)));
  }
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST_P(SessionData, AreReadAtTheirHomeWhereNoCacheHoldsThem) {
  Session session(MPI_COMM_WORLD, options_with_room(1000));
  const auto sum =
      session.define("sum", [](const Data<Numbers>& data) { return sum_of(*data.get()); });
  session.start();
  const Data<Numbers> large = session.put("large", numbers_from(0, 1000));
  std::vector<Future<double>> sums;
  for (int i = 0; i < 100; ++i) sums.push_back(session.submit(sum, large));
  for (Future<double>& one : sums) EXPECT_EQ(one.get(), 499'500.0);
  session.wait_all();
  EXPECT_EQ(session.failed_count(), 0U);
}

TEST(SessionDataOnce, OfAnotherSessionAreRefused) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  session.put("numbers", Numbers{1, 2, 3});
  const Data<Numbers> foreign(
      {.home = session.rank(), .number = 1, .version = 1, .name = "others"});
  EXPECT_THROW(session.fetch(foreign), Error);
  session.wait_all();
}

TEST(SessionDataOnce, AreFetchedInFunctionsOfThisRankAndNowhereElseWithoutTheSession) {
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  session.put("numbers", Numbers{1, 2, 3});
  meet();
  const auto other = session.find<Numbers>("numbers", next_rank(session));
  EXPECT_EQ(session.run_here([&] { return sum_of(*other.get()); }).get(), 6);
  const std::string text = text_of<std::logic_error>([&] { (void)other.get(); });
  EXPECT_TRUE(contains(text, "session.fetch(data)")) << text;
  const std::string none = text_of<std::logic_error>([&] { session.fetch(Data<Numbers>()); });
  EXPECT_TRUE(contains(none, "there is no data here")) << none;
  const Data<Numbers> nowhere({.home = RankId(session.rank_count()), .number = 1});
  EXPECT_THROW(session.fetch(nowhere), Error);
  session.wait_all();
}

TEST(SessionDataOnce, OfAHomeThatHasLeftAreRefused) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD,
                                 SessionOptions{.worker_count = 2, .progress = Progress::kThread});
  session->start();
  if (session->rank() == RankId(0)) session->put("numbers", Numbers{1, 2, 3});
  meet();
  const auto data = session->find<Numbers>("numbers", RankId(0));
  meet();
  // Rank 0 waits for the others where its session ends.
  if (session->rank() != RankId(0)) {
    const auto fetch_anew = [&] {
      for (int i = 0; i < 100'000; ++i) {
        session->forget(data);
        session->fetch(data);
      }
    };
    const std::string text = text_of<Error>(fetch_anew);
    EXPECT_TRUE(contains(text, "its session has ended there")) << text;
    EXPECT_THROW(session->find<Numbers>("numbers", RankId(0)), Error);
  }
  session.reset();
}

TEST(SessionDataOnce, SearchesAtARankThatPutNothingAndHasLeftAreRefused) {
  std::optional<Session> session(std::in_place, MPI_COMM_WORLD,
                                 SessionOptions{.worker_count = 2, .progress = Progress::kThread});
  session->start();
  if (session->rank() != RankId(0)) {
    std::string text;
    for (int i = 0; i < 100'000 && !contains(text, "its session has ended there"); ++i) {
      text = text_of<Error>([&] { session->find<Numbers>("numbers", RankId(0)); });
    }
    EXPECT_TRUE(contains(text, "its session has ended there")) << text;
  }
  session.reset();
}

TEST(SessionDataOnce, ThreadsOfTheApplicationFetchAndPut) {
  Session session(MPI_COMM_WORLD, {.worker_count = 2, .progress = Progress::kThread});
  session.start();
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&session, i] {
      for (int round = 0; round < 25; ++round)
        session.put("n " + std::to_string(i), 25 * i + round);
    });
  }
  for (auto& thread : threads) thread.join();
  threads.clear();
  meet();
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&session, &right, i] {
      for (int round = 0; round < 25; ++round) {
        const auto data = session.find<int>("n " + std::to_string(i), next_rank(session));
        if (data.version() == 25 && *session.fetch(data) == 25 * i + 24) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
  session.wait_all();
  if (session.rank_count() > 1) {
    EXPECT_EQ(session.data_counts().fetches, 4U);
  }
}

TEST_P(SessionData, DrawTheTasksThatReadThem) {
  Session session(MPI_COMM_WORLD, options());
  const auto where =
      session.define("where", [&session](const Data<Numbers>&) { return session.rank().value(); });
  const auto by_option = session.define("by_option", [&session] { return session.rank().value(); });
  session.start();
  const RankId last(session.rank_count() - 1);
  // So large that no wait is worth a fetch. In the beginning a home does not know the other ranks.
  DataRef ref{.home = last, .number = 1, .version = 1, .byte_count = std::uint64_t{1} << 50};
  int in_a_row = 0;
  for (; session.rank() == RankId(0) && in_a_row < 20 && ref.number < 10'000; ++ref.number) {
    const bool both = session.submit(where, Data<Numbers>(ref)).get() == last.value() &&
                      session.submit({.reads = {ref}}, by_option).get() == last.value();
    in_a_row = both ? in_a_row + 1 : 0;
  }
  EXPECT_EQ(in_a_row, session.rank() == RankId(0) ? 20 : 0);
  session.wait_all();
}

}  // namespace
}  // namespace weir
