#include "runtime/mpi/network_address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <map>

namespace weir {
namespace {

using Chosen = std::vector<std::optional<std::uint32_t>>;

// Nothing when some rank has no address in the network, or two hosts have the same one.
std::optional<Chosen> addresses_in(const InterfaceAddress& network,
                                   std::span<const std::vector<InterfaceAddress>> by_rank,
                                   std::span<const RankId> host_of) {
  Chosen chosen;
  std::map<std::uint32_t, RankId> host_with;
  for (std::size_t rank = 0; rank < by_rank.size(); ++rank) {
    const auto same = std::ranges::find_if(by_rank[rank], [&](const InterfaceAddress& a) {
      return a.mask == network.mask && a.network() == network.network();
    });
    if (same == by_rank[rank].end()) return std::nullopt;
    const auto [place, added] = host_with.emplace(same->address, host_of[rank]);
    if (!added && place->second != host_of[rank]) return std::nullopt;
    chosen.emplace_back(same->address);
  }
  return chosen;
}

std::uint32_t address_in(const sockaddr* socket_address) {
  return ntohl(reinterpret_cast<const sockaddr_in*>(socket_address)->sin_addr.s_addr);
}

}  // namespace

std::vector<InterfaceAddress> own_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  std::vector<InterfaceAddress> addresses;
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    const bool usable = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable || entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr) continue;
    if (entry->ifa_addr->sa_family != AF_INET) continue;
    addresses.push_back({address_in(entry->ifa_addr), address_in(entry->ifa_netmask)});
  }
  freeifaddrs(first);
  return addresses;
}

Chosen choose_addresses(std::span<const std::vector<InterfaceAddress>> by_rank,
                        std::span<const RankId> host_of) {
  if (by_rank.empty()) return {};
  for (const InterfaceAddress& network : by_rank.front())
    if (auto chosen = addresses_in(network, by_rank, host_of)) return *chosen;
  Chosen first_of_each;
  for (const auto& addresses : by_rank)
    first_of_each.push_back(addresses.empty() ? std::nullopt
                                              : std::optional(addresses.front().address));
  return first_of_each;
}

}  // namespace weir
