#include "runtime/base/digest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

std::span<const std::byte> bytes_of(const std::array<int, 2>& numbers) {
  return std::as_bytes(std::span(numbers));
}

TEST(StreamDigest, DoesNotDependOnTheOrderOrOnWhoAdded) {
  const std::array<int, 2> a{1, 2};
  const std::array<int, 2> b{3, 4};
  StreamDigest forward;
  forward.add(TaskId(1), bytes_of(a));
  forward.add(TaskId(2), bytes_of(b));
  StreamDigest first;
  StreamDigest second;
  second.add(TaskId(2), bytes_of(b));
  first.add(TaskId(1), bytes_of(a));
  second.merge(first);
  EXPECT_EQ(forward, second);
  EXPECT_EQ(forward.hex().size(), 48u);
}

TEST(StreamDigest, ChangesWithTheResultWithTheTaskAndWithTheCount) {
  const std::array<int, 2> a{1, 2};
  const std::array<int, 2> b{1, 3};
  StreamDigest one, other_result, other_task, twice;
  one.add(TaskId(1), bytes_of(a));
  other_result.add(TaskId(1), bytes_of(b));
  other_task.add(TaskId(2), bytes_of(a));
  twice.add(TaskId(1), bytes_of(a));
  twice.add(TaskId(1), bytes_of(a));
  EXPECT_NE(one, other_result);
  EXPECT_NE(one, other_task);
  EXPECT_NE(one, twice);
}

TEST(StreamDigest, SurvivesTheWire) {
  StreamDigest digest;
  digest.add(TaskId(9), {});
  Bytes buffer;
  ByteWriter out(buffer);
  digest.encode(out);
  ByteReader in(buffer);
  StreamDigest copy;
  copy.decode(in);
  EXPECT_EQ(copy, digest);
}

}  // namespace
}  // namespace weir
