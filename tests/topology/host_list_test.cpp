#include "topology/host_list.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using Names = std::vector<std::string>;

TEST(HostList, NamesHostsOneByOneAndInRanges) {
  EXPECT_EQ(expand_host_list("login"), Names({"login"}));
  EXPECT_EQ(expand_host_list("a,b-1.c,d"), Names({"a", "b-1.c", "d"}));
  EXPECT_EQ(expand_host_list("n[0-3]"), Names({"n0", "n1", "n2", "n3"}));
  EXPECT_EQ(expand_host_list("n[5,0-1],m"), Names({"n5", "n0", "n1", "m"}));
  EXPECT_EQ(expand_host_list("n[1-2]-ib"), Names({"n1-ib", "n2-ib"}));
}

TEST(HostList, KeepsLeadingZeros) {
  EXPECT_EQ(expand_host_list("n[08-11]"), Names({"n08", "n09", "n10", "n11"}));
  EXPECT_EQ(expand_host_list("n[007]"), Names({"n007"}));
  EXPECT_EQ(expand_host_list("n[8-11]"), Names({"n8", "n9", "n10", "n11"}));
}

TEST(HostList, CombinesSeveralBracketsInTheirOrder) {
  EXPECT_EQ(expand_host_list("r[1-2]n[0,3]"), Names({"r1n0", "r1n3", "r2n0", "r2n3"}));
}

TEST(HostList, IsNothingWhenItIsMalformed) {
  for (const char* list : {"",
                           ",",
                           "a,",
                           ",a",
                           "n[",
                           "n]",
                           "n[]",
                           "n[0-]",
                           "n[-3]",
                           "n[3-0]",
                           "n[a-b]",
                           "n[0-3",
                           "n[0--3]",
                           "n[[0-1]]",
                           "n0]",
                           "n[0-1]]",
                           "a=b",
                           "n[0,]",
                           "n[+1]",
                           "n[0-3:2]",
                           "n[18446744073709551616]",
                           "n[0-18446744073709551615]"}) {
    EXPECT_EQ(expand_host_list(list), std::nullopt) << list;
  }
}

TEST(HostList, IsNothingBeyondTheMostHosts) {
  EXPECT_EQ(expand_host_list("n[1-262144]")->size(), kMostHosts);
  EXPECT_EQ(expand_host_list("n[1-262145]"), std::nullopt);
  EXPECT_EQ(expand_host_list("n[1-262144],m"), std::nullopt);
  EXPECT_EQ(expand_host_list("n[1-1000]m[1-1000]o[1-1000]"), std::nullopt);
}

// Found by tests/fuzz/host_list: the time and the memory of names that no host has.
TEST(HostList, RefusesNamesAndBracketsBeyondWhatHostsHave) {
  EXPECT_TRUE(expand_host_list(std::string(253, 'n')));
  EXPECT_FALSE(expand_host_list(std::string(254, 'n')));
  std::string grows(252, 'n');
  EXPECT_FALSE(expand_host_list(grows.append("[9-10]")));
  std::string word = "n[0-9999]";
  for (int i = 1; i < kMostBrackets; ++i) word += "x[1]";
  EXPECT_TRUE(expand_host_list(word));
  EXPECT_FALSE(expand_host_list(word + "x[1]"));
}

}  // namespace
}  // namespace weir
