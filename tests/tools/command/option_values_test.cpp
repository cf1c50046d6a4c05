#include "tools/command/option_values.hpp"

#include <gtest/gtest.h>

#include <string>

#include "runtime/base/error.hpp"
#include "tools/settings/setting_values.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Options and settings read times alike.
Duration option_time(const std::string& text) {
  return duration_of({"duration", text, "30s"}, {0, 1e6});
}
Duration setting_time(const std::string& text) { return read_time("latency", text, "20us"); }

TEST(OptionValues, ReadTimesInAllUnitsWhereverTheyStand) {
  for (const auto& read : {option_time, setting_time}) {
    EXPECT_EQ(read("20us"), 20us);
    EXPECT_EQ(read("1.5ms"), 1500us);
    EXPECT_EQ(read("3"), 3s);
    EXPECT_EQ(read("2s"), 2s);
    EXPECT_EQ(read("2min"), 2min);
    EXPECT_EQ(read("1h"), 1h);
    EXPECT_EQ(read("1e2s"), 100s);
    for (const std::string wrong :
         {"", "s", "1 s", "1d", "-1s", "nan", "inf", "1e7", "0x10", "3ss"}) {
      EXPECT_THROW(read(wrong), Error) << wrong;
    }
  }
}

TEST(OptionValues, WriteNumbersAsShortAsTheyCanBeReadAgain) {
  for (const double number : {0.1, 1.0 / 3, 400.0, 1e-9, 123456789.123}) {
    EXPECT_EQ(std::stod(number_text(number)), number);
  }
  EXPECT_EQ(number_text(0.1), "0.1");
}

}  // namespace
}  // namespace weir
