#include "runtime/session/arguments.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir {
namespace {

template <typename T>
void expect_survives(const T& value) {
  EXPECT_EQ(from_bytes<T>(to_bytes(value)), value);
}

TEST(Arguments, SurviveTheWire) {
  expect_survives(42);
  expect_survives(2.5);
  expect_survives(std::string("weir\0with zero", 14));
  expect_survives(std::string());
  expect_survives(std::vector<double>{1, 2, 3});
  expect_survives(std::vector<std::string>{"a", "", "ccc"});
  expect_survives(std::map<std::string, std::pair<int, double>>{{"a", {1, 2}}, {"b", {3, 4}}});
  expect_survives(std::tuple<int, std::string>{7, "seven"});
  expect_survives(std::array<int, 3>{1, 2, 3});
  expect_survives(std::optional<int>());
  expect_survives(std::optional<int>(5));
  expect_survives(std::vector<std::uint8_t>(1 << 20, 9));
}

TEST(Arguments, ThatEndTooEarlyAreNoticed) {
  Bytes bytes = to_bytes(std::vector<double>{1, 2, 3});
  bytes.resize(bytes.size() - 1);
  EXPECT_THROW(from_bytes<std::vector<double>>(bytes), cereal::Exception);
  EXPECT_THROW(from_bytes<int>(Bytes()), cereal::Exception);
}

TEST(Arguments, AreTheSameWhetherTheyArriveAsAnObjectOrAsBytes) {
  const Payload object(
      std::make_shared<ArgumentsObject<int, std::string>>(std::tuple<int, std::string>(3, "abc")));
  for (const Payload& payload : {object, object.as_bytes()}) {
    const std::string joined = with_arguments<int, std::string>(
        payload, [](int n, const std::string& text) { return std::to_string(n) + text; });
    EXPECT_EQ(joined, "3abc");
  }
}

TEST(Arguments, OfAnObjectAreHandedOutWithoutACopy) {
  const auto object = std::make_shared<ArgumentsObject<std::string>>(std::tuple<std::string>("x"));
  const std::string* inside = &std::get<0>(object->arguments());
  with_arguments<std::string>(Payload(object),
                              [&](const std::string& text) { EXPECT_EQ(&text, inside); });
}

TEST(Arguments, MayBeNone) {
  EXPECT_EQ(with_arguments<>(Payload(), [] { return 5; }), 5);
}

TEST(ByteBuffer, WritesCharactersAndBlocks) {
  Bytes bytes;
  ByteBuffer buffer(bytes);
  std::ostream out(&buffer);
  out.put('a');
  out.write("bcd", 3);
  ByteBuffer back{std::span<const std::byte>(bytes)};
  std::istream in(&back);
  std::string text;
  in >> text;
  EXPECT_EQ(text, "abcd");
}

}  // namespace
}  // namespace weir
