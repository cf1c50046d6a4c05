#include "runtime/record/row_queue.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace weir {
namespace {

bool append(RowQueue& queue, std::uint64_t value) {
  std::byte* place = queue.begin_row();
  if (place == nullptr) return false;
  std::memcpy(place, &value, sizeof value);
  queue.end_row();
  return true;
}

std::uint64_t value_at(std::span<const std::byte> rows, std::size_t row) {
  std::uint64_t value = 0;
  std::memcpy(&value, rows.data() + row * sizeof value, sizeof value);
  return value;
}

TEST(RowQueue, GivesRowsInTheOrderAppendedAlsoAroundItsEnd) {
  RowQueue queue(sizeof(std::uint64_t), 4);
  std::uint64_t next_in = 0;
  std::uint64_t next_out = 0;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(queue, next_in++));
    while (true) {
      const auto rows = queue.oldest_rows();
      if (rows.empty()) break;
      EXPECT_EQ(value_at(rows, 0), next_out++);
      queue.release(1);
    }
  }
  EXPECT_EQ(next_out, 15u);
}

TEST(RowQueue, CountsWhatFindsItFullAndTakesRowsAgainOnceSomeAreReleased) {
  RowQueue queue(sizeof(std::uint64_t), 4);
  for (std::uint64_t i = 0; i < 6; ++i) EXPECT_EQ(append(queue, i), i < 4);
  EXPECT_EQ(queue.dropped(), 2u);
  queue.release(1);
  EXPECT_TRUE(append(queue, 6));
  EXPECT_EQ(queue.dropped(), 2u);
}

TEST(RowQueue, AsksForTheTakingThreadOncePerHalfRing) {
  RowQueue queue(1, 8);
  int asked = 0;
  for (int i = 0; i < 8; ++i) {
    ASSERT_NE(queue.begin_row(), nullptr);
    if (queue.end_row()) ++asked;
  }
  EXPECT_EQ(asked, 2);
}

TEST(RowQueue, LosesNothingBetweenTwoThreadsButWhatItCounts) {
  constexpr std::uint64_t kRows = 200000;
  RowQueue queue(sizeof(std::uint64_t), 64);
  std::thread appender([&queue] {
    for (std::uint64_t i = 0; i < kRows; ++i) append(queue, i);
    while (!append(queue, kRows)) std::this_thread::yield();
  });
  std::uint64_t taken = 0;
  std::uint64_t newest = 0;
  while (newest != kRows) {
    const auto rows = queue.oldest_rows();
    for (std::size_t row = 0; row < rows.size() / sizeof newest; ++row) {
      const std::uint64_t value = value_at(rows, row);
      EXPECT_TRUE(taken == 0 || value > newest) << value << " after " << newest;
      newest = value;
      ++taken;
    }
    queue.release(rows.size() / sizeof newest);
    if (rows.empty()) std::this_thread::yield();
  }
  appender.join();
  EXPECT_GE(taken + queue.dropped(), kRows + 1);
}

}  // namespace
}  // namespace weir
