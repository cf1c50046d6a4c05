#include "runtime/base/exception_text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir {
namespace {

template <typename Thrown>
std::string text_of(const Thrown& thrown) {
  try {
    throw thrown;
  } catch (...) {
    return current_exception_text();
  }
}

struct Own {};

TEST(ExceptionText, NamesTheTypeAndWhatItSays) {
  EXPECT_EQ(text_of(std::range_error("too far")), "std::range_error: too far");
}

TEST(ExceptionText, SaysWhatAThrownTextSays) {
  EXPECT_EQ(text_of(std::string("no such row")), "std::string: no such row");
  const char* const text = "no such column";
  EXPECT_EQ(text_of(text), "char const*: no such column");
  const char* const none = nullptr;
  EXPECT_EQ(text_of(none), "char const*");
}

TEST(ExceptionText, NamesTheTypeOfAnythingElse) {
  EXPECT_EQ(text_of(7), "int");
  EXPECT_EQ(text_of(Own{}), type_name(typeid(Own)));
}

}  // namespace
}  // namespace weir
