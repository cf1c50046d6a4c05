#include "runtime/session/data_store.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "runtime/base/error.hpp"
#include "tests/support/control_fakes.hpp"
#include "tests/support/no_future_host.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

using Status = FutureState::Status;
using Text = std::string;
const DataType& kText = session_detail::data_type<Text>();
constexpr Instant kStart{1s};

// Rank 0 of three, with room for a hundred bytes of others.
class DataStoreTest : public testing::Test {
 protected:
  static DataRef ref(int home, std::uint64_t number, std::uint64_t byte_count) {
    return {.home = RankId(home),
            .number = number,
            .version = 1,
            .byte_count = byte_count,
            .name = "data " + std::to_string(number)};
  }

  // What act() asks of `home`.
  std::vector<DataRequest> asked_of(int home, Instant now = kStart) {
    store.act(transport, now);
    return transport.take<DataRequest>(home);
  }
  void answer(const DataRequest& request, int home, const Text& value, Instant now = kStart) {
    store.on_answer({.question = request.question,
                     .number = request.number,
                     .version = 1,
                     .byte_count = value.size(),
                     .text = kText.name,
                     .data = Payload(kText.write(&value))},
                    RankId(home), now);
  }
  // Holds it until it has come, then lets go.
  void fetch(const DataRef& what) {
    const DataStore::Hold hold = store.hold(what, kText);
    for (const DataRequest& request : asked_of(what.home.value())) {
      answer(request, what.home.value(), what.name);
    }
    EXPECT_EQ(*static_cast<const Text*>(store.value_of(hold, kText).get()), what.name);
  }
  std::string refusal_of(const DataRef& what) {
    try {
      store.hold(what, kText);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "none";
  }

  NoHost host;
  RecordingTransport transport{0, 3};
  DataStore store{host, {.self = RankId(0), .rank_count = 3, .max_cached_bytes = 100}};
};

TEST_F(DataStoreTest, AsksOnceForAllWhoWantTheSame) {
  const DataStore::Hold first = store.hold(ref(1, 7, 10), kText);
  EXPECT_TRUE(store.has_questions());
  const DataStore::Hold second = store.hold(ref(1, 7, 10), kText);
  const auto asked = asked_of(1);
  EXPECT_FALSE(store.has_questions());
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].number, 7U);
  EXPECT_FALSE(DataStore::arrival(first).is_ready());
  answer(asked[0], 1, "value");
  EXPECT_TRUE(DataStore::arrival(second).is_ready());
  EXPECT_EQ(store.value_of(first, kText), store.value_of(second, kText));
  EXPECT_EQ(store.counts().fetches, 1U);
  EXPECT_EQ(store.counts().hits, 1U);
}

TEST_F(DataStoreTest, WhatWasUsedLongestAgoLeavesFirst) {
  for (std::uint64_t number : {1, 2, 3}) fetch(ref(1, number, 30));
  fetch(ref(1, 1, 30));  // Used again.
  fetch(ref(1, 4, 30));
  EXPECT_EQ(store.counts().evictions, 1U);
  EXPECT_EQ(store.counts().cached_bytes, 90U);
  const std::uint64_t fetches = store.counts().fetches;
  fetch(ref(1, 1, 30));
  fetch(ref(1, 3, 30));
  EXPECT_EQ(store.counts().fetches, fetches) << "these were to stay";
  fetch(ref(1, 2, 30));
  EXPECT_EQ(store.counts().fetches, fetches + 1);
}

TEST_F(DataStoreTest, WhatIsInUseStaysAndWhatHasNoRoomIsRefused) {
  const DataStore::Hold held = store.hold(ref(1, 1, 60), kText);  // On its way.
  EXPECT_NE(
      refusal_of(ref(1, 2, 60)).find("the data that tasks of this rank use now have 60 bytes"),
      std::string::npos);
  EXPECT_NE(refusal_of(ref(1, 3, 101)).find("it alone is too large"), std::string::npos);
  for (const DataRequest& request : asked_of(1)) answer(request, 1, "value");
  const DataValue value = store.value_of(held, kText);
  EXPECT_NE(refusal_of(ref(1, 2, 60)), "none") << "its value is in use";
  EXPECT_EQ(store.counts().evictions, 0U);
}

TEST_F(DataStoreTest, WhatItsHomeDoesNotHaveIsToldToAllWhoWaitAndAskedForAgain) {
  const DataStore::Hold hold = store.hold(ref(1, 7, 10), kText);
  store.on_answer({.question = asked_of(1).at(0).question, .text = "it was forgotten there"},
                  RankId(1), kStart);
  EXPECT_EQ(DataStore::arrival(hold).status(), Status::kFailed);
  EXPECT_THROW(store.value_of(hold, kText), Error);
  EXPECT_EQ(store.counts().cached_bytes, 0U);
  fetch(ref(1, 7, 10));
}

TEST_F(DataStoreTest, AHomeThatHasLeftIsNotWaitedFor) {
  const DataStore::Hold asked = store.hold(ref(1, 1, 10), kText);
  EXPECT_EQ(asked_of(1).size(), 1U);
  const DataStore::Hold not_asked = store.hold(ref(1, 2, 10), kText);
  const auto search = store.search("table", RankId(1));
  store.on_home_left(RankId(1));
  EXPECT_EQ(asked_of(1).size(), 0U);
  EXPECT_EQ(DataStore::arrival(asked).status(), Status::kFailed);
  EXPECT_EQ(DataStore::arrival(not_asked).status(), Status::kFailed);
  EXPECT_THROW(store.found(*search, kText), Error);
  EXPECT_NE(refusal_of(ref(1, 3, 10)).find("its session has ended there"), std::string::npos);
  fetch(ref(2, 1, 10));
}

TEST_F(DataStoreTest, WhatIsOpenWhenTheSessionEndsIsGivenUp) {
  const DataStore::Hold asked = store.hold(ref(1, 1, 10), kText);
  const auto requests = asked_of(1);
  const DataStore::Hold not_asked = store.hold(ref(1, 2, 10), kText);
  store.abandon();
  EXPECT_EQ(DataStore::arrival(asked).status(), Status::kAbandoned);
  EXPECT_EQ(DataStore::arrival(not_asked).status(), Status::kAbandoned);
  EXPECT_FALSE(store.has_questions());
  EXPECT_NE(refusal_of(ref(1, 3, 10)).find("the session has ended"), std::string::npos);
  answer(requests.at(0), 1, "too late");
}

TEST_F(DataStoreTest, ExpectsFetchesToTakeWhatTheyTookAndTellsTheHomeOnce) {
  const double usual = store.fetch_seconds(50);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const DataStore::Hold hold = store.hold(ref(1, number, 50), kText);
    const auto asked = asked_of(1);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].last_took, number == 1 ? Duration(0) : Duration(20ms));
    answer(asked[0], 1, Text(50, 'x'), kStart + 20ms);
  }
  EXPECT_LT(usual, 0.001);
  EXPECT_NEAR(store.fetch_seconds(50), 0.02, 0.005);
  const DataStore::Hold one = store.hold(ref(1, 4, 10), kText);
  const DataStore::Hold two = store.hold(ref(2, 1, 10), kText);
  store.act(transport, kStart);
  EXPECT_EQ(transport.take<DataRequest>(1).at(0).last_took, Duration(20ms));
  EXPECT_EQ(transport.take<DataRequest>(2).at(0).last_took, Duration(0));
}

TEST_F(DataStoreTest, FindsWhatIsHereAtOnceAndAsksOthers) {
  store.home().put("table", std::make_shared<const Text>("a"), 5, kText);
  const auto here = store.search("table", RankId(0));
  EXPECT_EQ(DataStore::arrival(*here), nullptr);
  EXPECT_EQ(store.found(*here, kText).byte_count, 5U);
  const auto there = store.search("table", RankId(2));
  const auto asked = asked_of(2);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].number, 0U);
  store.on_answer({.question = asked[0].question,
                   .number = 3,
                   .version = 2,
                   .byte_count = 40,
                   .text = kText.name},
                  RankId(2), kStart);
  ASSERT_TRUE(DataStore::arrival(*there)->is_ready());
  EXPECT_EQ(store.found(*there, kText).number, 3U);
  EXPECT_THROW(store.found(*there, session_detail::data_type<std::vector<int>>()), Error);
}

TEST_F(DataStoreTest, RefusesHomesThatAreNoRanks) {
  EXPECT_THROW(store.hold(DataRef{}, kText), std::logic_error);
  EXPECT_NE(refusal_of(ref(3, 1, 10)).find("rank 3 of 3"), std::string::npos);
}

}  // namespace
}  // namespace weir
