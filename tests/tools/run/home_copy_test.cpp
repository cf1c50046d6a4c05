#include "tools/run/home_copy.hpp"

#include <gtest/gtest.h>

#include "runtime/base/digest.hpp"
#include "tests/support/share_copies.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::optional<ShareCopy> decoded(const Bytes& bytes) {
  return decode_share_copy(bytes, tally_of_two_streams());
}

TEST(HomeCopy, IsReadAsItWasMade) {
  const ShareCopy made = some_share_copy();
  ASSERT_FALSE(made.open.empty());
  const auto read = decoded(encode(made));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->share, 1);
  EXPECT_EQ(read->share_count, 3);
  EXPECT_EQ(read->generation, 2U);
  EXPECT_EQ(read->capacity_per_s, made.capacity_per_s);
  EXPECT_EQ(read->reached, made.reached);
  EXPECT_FALSE(read->all_taken);
  EXPECT_EQ(read->elapsed, made.elapsed);
  EXPECT_EQ(read->next, made.next);
  EXPECT_EQ(read->open, made.open);
  EXPECT_EQ(read->tally.done(), made.tally.done());
  EXPECT_EQ(read->tally.digests(), made.tally.digests());
  EXPECT_EQ(read->tally.response().mean(), made.tally.response().mean());
}

TEST(HomeCopy, HoldsAllSharesOfAHome) {
  const ShareCopy other = untouched_share(2, 3, tally_of_two_streams());
  const auto read =
      decode_share_copies(encode(std::vector{some_share_copy(), other}), tally_of_two_streams());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].next, some_share_copy().next);
  EXPECT_EQ((*read)[1].share, 2);
  const auto none = decode_share_copies(encode(std::vector<ShareCopy>{}), tally_of_two_streams());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST(HomeCopy, IsRefusedWhereItIsNotWhole) {
  const Bytes whole = encode(some_share_copy());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decoded(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)))) << size;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes spoilt = whole;
    spoilt[i] ^= std::byte{0x10};
    EXPECT_FALSE(decoded(spoilt)) << "byte " << i;
  }
  const Bytes home = encode(std::vector{some_share_copy(), some_share_copy()});
  const Bytes torn(home.begin(), home.end() - 1);
  EXPECT_FALSE(decode_share_copies(torn, tally_of_two_streams()));
}

TEST(HomeCopy, IsRefusedWhereItsStreamsAreOthers) {
  EXPECT_FALSE(decode_share_copy(encode(some_share_copy()), RunTally(2, 3, 1)));
  EXPECT_FALSE(decode_share_copy(encode(some_share_copy()), RunTally(3, 2, 1)));
}

// A hash is no proof against a program that writes nonsense.
TEST(HomeCopy, IsRefusedWhereItContradictsItself) {
  const auto refused = [](auto spoil) {
    ShareCopy copy = some_share_copy();
    spoil(copy);
    return !decoded(encode(copy));
  };
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.share = 3; }));
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.share = -1; }));
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.reached = -1ns; }));
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.next[0] = 1; })) << "an open task not taken";
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.next[1] = std::uint64_t{1} << 60; }));
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.share_count = 4; })) << "tasks of other shares";
  EXPECT_TRUE(refused([](ShareCopy& copy) { copy.open.push_back(make_task_id(StreamId(7), 0)); }))
      << "a stream that is not there";
  EXPECT_FALSE(refused([](ShareCopy&) {}));
}

}  // namespace
}  // namespace weir
