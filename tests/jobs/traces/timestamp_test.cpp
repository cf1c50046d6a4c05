#include "jobs/traces/timestamp.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Timestamp, ReadsDatesWithABlankOrWithAT) {
  EXPECT_EQ(parse_timestamp("1970-01-02 00:00:01"), 86'401);
  EXPECT_EQ(parse_timestamp("2015-02-26 21:42:53"), 1'424'986'973);
  EXPECT_EQ(parse_timestamp("2007-02-01T00:01:00Z"), 1'170'288'060);
}

TEST(Timestamp, ReadsAmericanDates) {
  EXPECT_EQ(parse_us_timestamp("3/10/2004", "18:00:00"), 1'078'941'600);
  EXPECT_EQ(parse_us_timestamp("9/1/2004", "5:07:09"), 1'094'015'229);
}

TEST(Timestamp, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2015", "2015-02-30 00:00:00", "2015-13-01 00:00:00", "2015-02-26 24:00:00",
        "2015-02-26 21:42", "2015-02-26 21:42:53x", "2015-02-26x21:42:53", "12.5",
        "2015-257-01 00:00:00", "2015-02-257 00:00:00", "67551-02-26 00:00:00"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
  EXPECT_FALSE(parse_us_timestamp("13/10/2004", "18:00:00"));
  EXPECT_FALSE(parse_us_timestamp("3/10", "18:00:00"));
}

}  // namespace
}  // namespace weir
