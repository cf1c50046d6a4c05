#include "runtime/session/data_home.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

const DataType& kText = session_detail::data_type<std::string>();

int writes = 0;
Bytes write_counted(const void* value) {
  ++writes;
  return kText.write(value);
}
Bytes write_nothing(const void*) { throw std::runtime_error("it does not travel"); }

DataValue text(const std::string& value) { return std::make_shared<const std::string>(value); }

std::string read_text(const Payload& bytes) {
  return *static_cast<const std::string*>(kText.read(bytes.bytes()).get());
}

std::string refusal_of(const DataHome& home, const DataRef& ref, const DataType& type = kText) {
  try {
    home.value_of(ref, type);
  } catch (const Error& error) {
    return error.report();
  }
  return "none";
}

TEST(DataHome, NumbersAllThatIsPutAndTheVersionsOfEachName) {
  DataHome home(RankId(3));
  const DataRef first = home.put("table", text("a"), 10, kText);
  const DataRef other = home.put("other", text("b"), 20, kText);
  const DataRef second = home.put("table", text("c"), 30, kText);
  EXPECT_EQ(first.home, RankId(3));
  EXPECT_EQ(first.number, 1U);
  EXPECT_EQ(other.number, 2U);
  EXPECT_EQ(other.version, 1U);
  EXPECT_EQ(second.version, 2U);
  EXPECT_EQ(home.byte_count(), 60U);
  EXPECT_EQ(*static_cast<const std::string*>(home.value_of(first, kText).get()), "a");
}

TEST(DataHome, DescribesTheNewestOfANameAndSaysWhyThereIsNone) {
  DataHome home(RankId(0));
  EXPECT_EQ(home.describe({.question = 9, .name = "table"}).text,
            "nothing of that name was put there");
  const DataRef first = home.put("table", text("a"), 10, kText);
  const DataRef second = home.put("table", text("b"), 20, kText);
  const DataAnswer newest = home.describe({.question = 9, .name = "table"});
  EXPECT_EQ(newest.question, 9U);
  EXPECT_EQ(newest.number, second.number);
  EXPECT_EQ(newest.version, 2U);
  EXPECT_EQ(newest.byte_count, 20U);
  EXPECT_EQ(newest.text, kText.name);
  home.forget(second);
  EXPECT_EQ(home.describe({.name = "table"}).number, first.number);
  EXPECT_NE(refusal_of(home, second).find("it was forgotten there, the newest is version 1"),
            std::string::npos);
  home.forget(first);
  EXPECT_EQ(home.describe({.name = "table"}).text, "all of that name was forgotten there");
  EXPECT_EQ(home.byte_count(), 0U);
  EXPECT_EQ(home.put("table", text("c"), 1, kText).version, 3U) << "a version came twice";
}

TEST(DataHome, RefusesAnotherTypeAndDataOfAnotherSession) {
  DataHome home(RankId(0));
  DataRef ref = home.put("table", text("a"), 10, kText);
  const DataType& other = session_detail::data_type<std::vector<int>>();
  EXPECT_NE(refusal_of(home, ref, other).find("it is of the type " + kText.name),
            std::string::npos);
  ref.name = "what another session put under that number";
  EXPECT_NE(refusal_of(home, ref).find("nothing of that name was put there"), std::string::npos);
}

TEST(DataHome, SerializesOnceForAllWhoAsk) {
  const DataType counted{kText.name, write_counted, kText.read};
  DataHome home(RankId(0));
  const DataRef ref = home.put("table", text("a"), 10, counted);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read_text(home.answer({.number = ref.number, .name = "table"}).data), "a");
  }
  EXPECT_EQ(writes, 1);
  EXPECT_TRUE(home.answer({.name = "table"}).data.bytes().empty()) << "only a name was asked for";
}

TEST(DataHome, AnswersWithTheErrorOfAValueThatDoesNotTravel) {
  const DataType broken{kText.name, write_nothing, kText.read};
  DataHome home(RankId(0));
  const DataRef ref = home.put("table", text("a"), 10, broken);
  const DataAnswer answer = home.answer({.question = 4, .number = ref.number, .name = "table"});
  EXPECT_EQ(answer.question, 4U);
  EXPECT_EQ(answer.number, 0U);
  EXPECT_NE(answer.text.find("it does not travel"), std::string::npos);
}

}  // namespace
}  // namespace weir
