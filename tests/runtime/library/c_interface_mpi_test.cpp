// The C interface on ranks: results, refusals, tasks that fail.

#include "weir/weir.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "tests/support/mpi_test_main.hpp"

namespace {

thread_local bool has_no_memory = false;

}  // namespace

// Of this whole program, so that it can fail on one thread.
void* operator new(std::size_t byte_count) {
  void* const place = has_no_memory ? nullptr : std::malloc(byte_count);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }

namespace weir {
namespace {

// On this thread, while it lives.
struct NoMemory {
  NoMemory() { has_no_memory = true; }
  ~NoMemory() { has_no_memory = false; }
};

int square(void*, const void* argument, size_t argument_bytes, weir_result* result) {
  if (argument_bytes != sizeof(double)) return 7;
  double x = 0;
  std::memcpy(&x, argument, sizeof x);
  if (x < 0) {
    weir_result_fail(result, "no negative numbers");
    return 1;
  }
  x *= x;
  return weir_result_set(result, &x, sizeof x);
}

int repeat(void* user_data, const void* argument, size_t argument_bytes, weir_result* result) {
  const std::string text(static_cast<const char*>(argument), argument_bytes);
  std::string all;
  for (int i = 0; i < *static_cast<const int*>(user_data); ++i) all += text;
  return weir_result_set(result, all.data(), all.size());
}

class CInterface : public testing::Test {
 protected:
  void SetUp() override {
    weir_session_options options;
    weir_session_options_init(&options);
    options.worker_count = 1;
    options.class_count = 2;
    ASSERT_EQ(weir_session_create(MPI_COMM_WORLD, &options, &session_), WEIR_OK);
    ASSERT_EQ(weir_define(session_, "square", square, nullptr, &square_), WEIR_OK);
    ASSERT_EQ(weir_define(session_, "repeat", repeat, &times_, &repeat_), WEIR_OK);
    ASSERT_EQ(weir_rank_count(session_, &rank_count_), WEIR_OK);
  }
  void TearDown() override {
    EXPECT_EQ(weir_session_free(&session_), WEIR_OK);
    EXPECT_EQ(session_, nullptr);
  }
  void start() { ASSERT_EQ(weir_start(session_), WEIR_OK) << weir_error_message(); }
  weir_future* submit(double x, int target = -1) {
    weir_submit_options options;
    weir_submit_options_init(&options);
    options.target = target;
    weir_future* future = nullptr;
    EXPECT_EQ(weir_submit(session_, square_, &x, sizeof x, &options, &future), WEIR_OK);
    return future;
  }

  weir_session* session_ = nullptr;
  int times_ = 1000;
  int square_ = -1;
  int repeat_ = -1;
  int rank_count_ = 0;
};

TEST_F(CInterface, RunsATaskOnEveryRankAndBringsItsResultBack) {
  start();
  for (int target = 0; target < rank_count_; ++target) {
    weir_future* future = submit(target + 0.5, target);
    double result = 0;
    size_t result_bytes = 0;
    ASSERT_EQ(weir_wait(&future, &result, sizeof result, &result_bytes), WEIR_OK);
    EXPECT_EQ(result, (target + 0.5) * (target + 0.5));
    EXPECT_EQ(result_bytes, sizeof result);
    EXPECT_EQ(future, nullptr);
  }
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST_F(CInterface, TellsTheReasonAndTheRankOfATaskThatFailed) {
  start();
  const int target = rank_count_ - 1;
  weir_future* future = submit(-1, target);
  double result = 0;
  EXPECT_EQ(weir_wait(&future, &result, sizeof result, nullptr), WEIR_ERROR_TASK);
  const std::string text = weir_error_message();
  EXPECT_NE(text.find("no negative numbers"), text.npos) << text;
  EXPECT_NE(text.find("(rank " + std::to_string(target) + ")"), text.npos) << text;
  EXPECT_EQ(future, nullptr);

  // Without a text of its own the number is told, and the session goes on.
  ASSERT_EQ(weir_submit(session_, square_, "abc", 3, nullptr, &future), WEIR_OK);
  EXPECT_EQ(weir_wait(&future, nullptr, 0, nullptr), WEIR_ERROR_TASK);
  EXPECT_NE(std::string(weir_error_message()).find("the task returned 7"), std::string::npos);
  future = submit(3);
  EXPECT_EQ(weir_wait(&future, &result, sizeof result, nullptr), WEIR_OK);
  EXPECT_EQ(result, 9);
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST_F(CInterface, KeepsAResultForWhichThePlaceIsTooSmall) {
  start();
  weir_future* future = nullptr;
  ASSERT_EQ(weir_submit(session_, repeat_, "ab", 2, nullptr, &future), WEIR_OK);
  std::array<char, 10> small{};
  size_t result_bytes = 0;
  EXPECT_EQ(weir_wait(&future, small.data(), small.size(), &result_bytes), WEIR_ERROR_TRUNCATED);
  ASSERT_EQ(result_bytes, 2000U);
  ASSERT_NE(future, nullptr);
  int ready = 0;
  EXPECT_EQ(weir_ready(future, &ready), WEIR_OK);
  EXPECT_EQ(ready, 1);
  std::vector<char> large(result_bytes);
  EXPECT_EQ(weir_wait(&future, large.data(), large.size(), nullptr), WEIR_OK);
  EXPECT_EQ(std::string(large.begin(), large.begin() + 6), "ababab");
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST_F(CInterface, RefusesWhatIsNotThereAndGoesOn) {
  double x = 2;
  weir_future* future = nullptr;
  EXPECT_EQ(weir_submit(session_, square_, &x, sizeof x, nullptr, &future), WEIR_ERROR_STATE);
  EXPECT_EQ(weir_wait_all(session_), WEIR_ERROR_STATE);
  int kind = 0;
  EXPECT_EQ(weir_define(session_, "two words", square, nullptr, &kind), WEIR_ERROR_START);
  EXPECT_EQ(weir_define(session_, "nothing", nullptr, nullptr, &kind), WEIR_ERROR_ARGUMENT);
  start();
  EXPECT_EQ(weir_start(session_), WEIR_ERROR_STATE);
  EXPECT_EQ(weir_define(session_, "late", square, nullptr, &kind), WEIR_ERROR_STATE);
  EXPECT_EQ(weir_submit(session_, 99, &x, sizeof x, nullptr, &future), WEIR_ERROR_ARGUMENT);
  EXPECT_EQ(weir_submit(session_, square_, nullptr, 8, nullptr, &future), WEIR_ERROR_ARGUMENT);
  weir_submit_options options;
  const auto refused = [&](const char* reason) {
    EXPECT_EQ(weir_submit(session_, square_, &x, sizeof x, &options, &future), WEIR_ERROR_ARGUMENT);
    EXPECT_NE(std::string(weir_error_message()).find(reason), std::string::npos)
        << weir_error_message();
    EXPECT_EQ(future, nullptr);
    weir_submit_options_init(&options);
  };
  weir_submit_options_init(&options);
  options.target = rank_count_;
  refused("there is no rank");
  options.task_class = 2;
  refused("there is no class 2");
  options.priority = 256;
  refused("a priority is 0 to 255");
  options.cost_hint_s = -1;
  refused("a cost hint is seconds");
  EXPECT_EQ(weir_wait(&future, &x, sizeof x, nullptr), WEIR_ERROR_ARGUMENT);
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST_F(CInterface, CancelsATaskBeforeItStarts) {
  start();
  std::vector<weir_future*> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(submit(i, 0));
  int cancelled_count = 0;
  for (int i = 49; i >= 0; --i) {
    int cancelled = -1;
    ASSERT_EQ(weir_cancel(futures[i], &cancelled), WEIR_OK);
    double result = -1;
    const int code = weir_wait(&futures[i], &result, sizeof result, nullptr);
    EXPECT_EQ(code, cancelled == 1 ? WEIR_ERROR_CANCELLED : WEIR_OK);
    EXPECT_EQ(result, cancelled == 1 ? -1 : double(i) * i);
    cancelled_count += cancelled;
  }
  EXPECT_GT(cancelled_count, 0);
  EXPECT_EQ(weir_cancel(nullptr, &cancelled_count), WEIR_ERROR_ARGUMENT);
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST_F(CInterface, ReturnsACodeWhereThereIsNoMemory) {
  start();
  weir_future* future = nullptr;
  const char byte = 0;
  EXPECT_EQ(weir_submit(session_, square_, &byte, (size_t{1} << 30) + 1, nullptr, &future),
            WEIR_ERROR_ARGUMENT);
  int kind = 0;
  int code = WEIR_OK;
  {
    const NoMemory none;
    code = weir_define(session_, "defined too late", square, nullptr, &kind);
  }
  EXPECT_EQ(code, WEIR_ERROR_INTERNAL);
  EXPECT_STREQ(weir_error_message(), "there is no memory left");
  {
    const NoMemory none;
    code = weir_submit(session_, square_, &byte, 1, nullptr, &future);
  }
  EXPECT_EQ(code, WEIR_ERROR_INTERNAL);
  EXPECT_EQ(future, nullptr);
  EXPECT_EQ(weir_start(session_), WEIR_ERROR_STATE);
  EXPECT_STREQ(weir_error_message(), "the session was started before");
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

TEST(CInterfaceOptions, LimitWhatIsUnderWayAndWhatATaskCarries) {
  weir_session_options options;
  weir_session_options_init(&options);
  options.worker_count = 1;
  options.max_in_flight = 1;
  options.max_payload_bytes = 100;
  weir_session* session = nullptr;
  ASSERT_EQ(weir_session_create(MPI_COMM_WORLD, &options, &session), WEIR_OK);
  int kind = 0;
  ASSERT_EQ(weir_define(session, "square", square, nullptr, &kind), WEIR_OK);
  ASSERT_EQ(weir_start(session), WEIR_OK);
  const double x = 3;
  weir_future* first = nullptr;
  weir_future* second = nullptr;
  int submitted = -1;
  weir_submit_options task;
  weir_submit_options_init(&task);
  task.prefer = 0;
  task.memory_domain = 0;
  ASSERT_EQ(weir_try_submit(session, kind, &x, sizeof x, &task, &first, &submitted), WEIR_OK);
  EXPECT_EQ(submitted, 1);
  ASSERT_EQ(weir_try_submit(session, kind, &x, sizeof x, nullptr, &second, &submitted), WEIR_OK);
  EXPECT_EQ(submitted, 0);
  EXPECT_EQ(second, nullptr);
  double result = 0;
  EXPECT_EQ(weir_wait(&first, &result, sizeof result, nullptr), WEIR_OK);
  EXPECT_EQ(result, 9);
  const char large[101] = {};
  EXPECT_EQ(weir_submit(session, kind, large, sizeof large, nullptr, &first), WEIR_ERROR_ARGUMENT);
  task.memory_domain = -2;
  EXPECT_EQ(weir_submit(session, kind, &x, sizeof x, &task, &first), WEIR_ERROR_ARGUMENT);
  EXPECT_EQ(weir_wait_all(session), WEIR_OK);
  EXPECT_EQ(weir_session_free(&session), WEIR_OK);
  options.progress_thread = 1;
  EXPECT_EQ(weir_session_create(MPI_COMM_WORLD, &options, &session), WEIR_ERROR_START)
      << "the MPI of this test is funneled";
}

TEST_F(CInterface, WaitsForTasksThatNobodyHasAFutureOf) {
  start();
  const double x = 2;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(weir_submit(session_, square_, &x, sizeof x, nullptr, nullptr), WEIR_OK);
  }
  weir_future* dropped = submit(2);
  EXPECT_EQ(weir_future_free(&dropped), WEIR_OK);
  EXPECT_EQ(dropped, nullptr);
  EXPECT_EQ(weir_wait_all(session_), WEIR_OK);
}

}  // namespace
}  // namespace weir
