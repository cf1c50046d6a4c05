#include "runtime/policy/near_names.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(NearNames, FindMisspellingsInitialsAndParts) {
  EXPECT_TRUE(comes_close("shortest_expected_dealy", "shortest_expected_delay"));
  EXPECT_TRUE(comes_close("sed", "shortest_expected_delay"));
  EXPECT_TRUE(comes_close("Round-Robin", "weighted_round_robin"));
}

TEST(NearNames, KeepApartWhatDiffersInMoreThanAThirdOrSharesAShortPart) {
  EXPECT_FALSE(comes_close("zzz", "random"));
  EXPECT_FALSE(comes_close("ran", "power_of_random_choices"));
  EXPECT_FALSE(comes_close("d", "speeds"));
}

}  // namespace
}  // namespace weir
