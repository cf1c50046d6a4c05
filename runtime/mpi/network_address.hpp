// Which of its addresses a rank should use so that ranks on other hosts reach it.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

// IPv4, in host byte order.
struct InterfaceAddress {
  std::uint32_t address = 0;
  std::uint32_t mask = 0;
  std::uint32_t network() const { return address & mask; }
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// Of the interfaces that are up and not the loopback, in the system's order.
std::vector<InterfaceAddress> own_addresses();

// One address per rank, from the first network of rank 0 in which every host has an address of its
// own: a bridge that has the same address on every host does not count. Where there is no such
// network (hosts behind routers), each rank's first address; nothing for a rank that has none.
std::vector<std::optional<std::uint32_t>> choose_addresses(
    std::span<const std::vector<InterfaceAddress>> by_rank, std::span<const RankId> host_of);

}  // namespace weir
