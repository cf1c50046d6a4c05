#include "runtime/mpi/network_address.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr std::uint32_t kMask24 = 0xffffff00;

constexpr std::uint32_t ip(int a, int b, int c, int d) {
  return static_cast<std::uint32_t>(a << 24 | b << 16 | c << 8 | d);
}

using ByRank = std::vector<std::vector<InterfaceAddress>>;

TEST(NetworkAddress, IsOfTheFirstNetworkThatAllHostsShare) {
  const ByRank addresses = {{{ip(192, 168, 7, 1), kMask24}, {ip(10, 0, 0, 1), kMask24}},
                            {{ip(192, 168, 8, 1), kMask24}, {ip(10, 0, 0, 2), kMask24}}};
  const std::vector hosts = {RankId(0), RankId(1)};
  const auto chosen = choose_addresses(addresses, hosts);
  EXPECT_EQ(chosen[0], ip(10, 0, 0, 1));
  EXPECT_EQ(chosen[1], ip(10, 0, 0, 2));
}

TEST(NetworkAddress, IsNotOneThatTwoHostsHaveAlike) {
  const ByRank addresses = {{{ip(172, 17, 0, 1), kMask24}, {ip(10, 0, 0, 1), kMask24}},
                            {{ip(172, 17, 0, 1), kMask24}, {ip(10, 0, 0, 2), kMask24}}};
  const std::vector hosts = {RankId(0), RankId(1)};
  EXPECT_EQ(choose_addresses(addresses, hosts)[1], ip(10, 0, 0, 2));
}

TEST(NetworkAddress, IsSharedByTheRanksOfOneHost) {
  const ByRank addresses = {
      {{ip(10, 0, 0, 1), kMask24}}, {{ip(10, 0, 0, 1), kMask24}}, {{ip(10, 0, 0, 2), kMask24}}};
  const std::vector hosts = {RankId(0), RankId(0), RankId(2)};
  EXPECT_EQ(choose_addresses(addresses, hosts)[1], ip(10, 0, 0, 1));
}

TEST(NetworkAddress, IsTheFirstOfEachRankWhereNoNetworkIsShared) {
  const ByRank addresses = {{{ip(10, 0, 0, 1), kMask24}}, {{ip(10, 0, 1, 1), kMask24}}, {}};
  const std::vector hosts = {RankId(0), RankId(1), RankId(2)};
  const auto chosen = choose_addresses(addresses, hosts);
  EXPECT_EQ(chosen[1], ip(10, 0, 1, 1));
  EXPECT_EQ(chosen[2], std::nullopt);
}

}  // namespace
}  // namespace weir
