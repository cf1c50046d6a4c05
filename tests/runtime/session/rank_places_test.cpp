#include "runtime/session/rank_places.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

using Numbers = std::vector<int>;

SwitchFile two_leaves() {
  return SwitchFile::parse("SwitchName=a Nodes=n[0-1]\nSwitchName=b Nodes=n[2-3]\n", "net.conf");
}

PlaceClue at(int host, const std::string& name, const std::string& node = "") {
  return {.host = RankId(host), .name = name, .node = node, .address = {}, .pattern = {}};
}

PlaceClue addressed(int host, const std::string& address, const std::string& pattern) {
  return {.host = RankId(host), .name = {}, .node = {}, .address = address, .pattern = pattern};
}

TEST(RankPlaces, FollowTheFileByTheNamesOfHosts) {
  const std::vector<PlaceClue> ranks{at(0, "n3.org"), at(0, "n3.org"), at(2, "n0"), at(3, "n1")};
  EXPECT_EQ(switches_in_file(ranks, two_leaves()), (Numbers{1, 1, 0, 0}));
}

TEST(RankPlaces, FollowTheFileByTheNamesThatSlurmGives) {
  // Several nodes of Slurm may be one host.
  const std::vector<PlaceClue> ranks{at(0, "box", "n0"), at(0, "box", "n2"), at(0, "box", "n1")};
  EXPECT_EQ(switches_in_file(ranks, two_leaves()), (Numbers{0, 1, 0}));
}

TEST(RankPlaces, DoNotTakeANameOfSlurmThatTwoHostsHave) {
  const std::vector<PlaceClue> handed_on{at(0, "n0", "n0"), at(1, "n2", "n0")};
  EXPECT_EQ(switches_in_file(handed_on, two_leaves()), (Numbers{0, 1}));
  const std::vector<PlaceClue> missing{at(0, "n0", "n3"), at(1, "n2", "")};
  EXPECT_EQ(switches_in_file(missing, two_leaves()), (Numbers{0, 1}));
}

TEST(RankPlaces, RefuseAHostThatIsNotInTheFile) {
  const std::vector<PlaceClue> ranks{at(0, "n0"), at(1, "n7")};
  try {
    switches_in_file(ranks, two_leaves());
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("host n7 of rank 1"), std::string::npos) << error.report();
    EXPECT_NE(error.report().find("4 hosts of net.conf"), std::string::npos) << error.report();
  }
}

TEST(RankPlaces, FollowTheAddressesOfSlurm) {
  const std::string pattern = "switch.switch.node";
  const std::vector<PlaceClue> ranks{
      addressed(0, "root.s2.n3", pattern), addressed(0, "root.s2.n3", pattern),
      addressed(2, "root.s1.n1", pattern), addressed(3, "root.s2.n4.org", pattern)};
  EXPECT_EQ(switches_by_address(ranks), (Numbers{0, 0, 1, 0}));
  const std::vector<PlaceClue> without{addressed(0, "s1.n1", ""), addressed(1, "s2.n2", "")};
  EXPECT_EQ(switches_by_address(without), (Numbers{0, 1}));
}

TEST(RankPlaces, TellSwitchesOfOneNameApartByThoseAbove) {
  const std::vector<PlaceClue> ranks{addressed(0, "a.s1.n1", ""), addressed(1, "b.s1.n2", "")};
  EXPECT_EQ(switches_by_address(ranks), (Numbers{0, 1}));
}

TEST(RankPlaces, AreWithoutSwitchesWhereSlurmDoesNotTellOfAll) {
  const std::string pattern = "switch.node";
  EXPECT_EQ(switches_by_address(std::vector{at(0, "n0"), at(0, "n0")}), Numbers{});
  EXPECT_EQ(switches_by_address(std::vector{addressed(0, "s1.n1", pattern), at(1, "n2")}),
            Numbers{});
  EXPECT_EQ(
      switches_by_address(std::vector{addressed(0, "n1", "node"), addressed(1, "n2", "node")}),
      Numbers{});
  EXPECT_EQ(switches_by_address(std::vector{addressed(0, "n1", pattern)}), Numbers{});
  EXPECT_EQ(switches_by_address(std::vector{addressed(0, ".n1", pattern)}), Numbers{});
}

TEST(RankPlaces, AreWithoutSwitchesWhereTwoHostsHaveOneAddress) {
  const std::vector<PlaceClue> ranks{addressed(0, "s1.n1", ""), addressed(1, "s1.n1", "")};
  EXPECT_EQ(switches_by_address(ranks), Numbers{});
}

TEST(RankPlaces, SpreadImaginedRanksOverTheHostsOfTheFile) {
  EXPECT_EQ(places_on(two_leaves(), 4).switch_of, (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(places_on(two_leaves(), 3).switch_of, (Numbers{0, 0, 1}));
  const RankPlaces many = places_on(two_leaves(), 10);
  EXPECT_EQ(many.host_of, (Numbers{0, 0, 0, 1, 1, 2, 2, 2, 3, 3}));
  EXPECT_EQ(many.switch_of, (Numbers{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace weir
