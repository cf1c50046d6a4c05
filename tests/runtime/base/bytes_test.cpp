#include "runtime/base/bytes.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Bytes, ReadsBackWhatWasWritten) {
  Bytes buffer;
  ByteWriter out(buffer);
  out.number(std::uint16_t{7});
  out.text("hello");
  out.number(2.5);
  ByteReader in(buffer);
  EXPECT_EQ(in.number<std::uint16_t>(), 7);
  EXPECT_EQ(in.text(), "hello");
  EXPECT_EQ(in.number<double>(), 2.5);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Bytes, SaysSoWhenReadingPastTheEnd) {
  Bytes buffer;
  ByteWriter(buffer).number(std::uint8_t{1});
  ByteReader in(buffer);
  EXPECT_EQ(in.number<std::uint64_t>(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, RefusesABlockLongerThanTheBuffer) {
  Bytes buffer;
  ByteWriter(buffer).number(std::uint32_t{1000});
  ByteReader in(buffer);
  EXPECT_TRUE(in.block().empty());
  EXPECT_FALSE(in.ok());
}

TEST(BytesDeathTest, RefusesABlockWhoseLengthDoesNotFit) {
  const std::byte first{};
  // Only their number is looked at.
  const std::span<const std::byte> bytes(&first, std::size_t{1} << 32);
  Bytes buffer;
  EXPECT_DEATH(ByteWriter(buffer).block(bytes), "a block of 4 GiB or more");
}

}  // namespace
}  // namespace weir
