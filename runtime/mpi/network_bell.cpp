#include "runtime/mpi/network_bell.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "runtime/mpi/network_address.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A hello or two may be lost; a pair that fails three rounds has no bell.
constexpr int kHandshakeRounds = 3;
constexpr auto kHandshakeRound = 200ms;
constexpr int kLookForHellosMs = 1;
constexpr std::size_t kMaxDrained = 64;  // datagrams taken at once; the rest end the next wait

// The name the system gave, or nothing.
Bytes name_of(int socket) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  const auto* first = reinterpret_cast<const std::byte*>(&name);
  return {first, first + length};
}

}  // namespace

NetworkBell::NetworkBell(MpiContext& context, bool refuse)
    : hears_me_(static_cast<std::size_t>(context.rank_count()), false),
      heard_(static_cast<std::size_t>(context.rank_count()), 0) {
  std::vector<RankId> host_of;
  for (int rank = 0; rank < context.rank_count(); ++rank)
    host_of.push_back(context.host_of(RankId(rank)));

  Bytes mine;
  ByteWriter writer(mine);
  for (const InterfaceAddress& each : refuse ? std::vector<InterfaceAddress>{} : own_addresses()) {
    writer.number(each.address);
    writer.number(each.mask);
  }
  std::vector<std::vector<InterfaceAddress>> interfaces_of;
  for (const Bytes& bytes : context.gather_to_all(mine)) {
    auto& list = interfaces_of.emplace_back();
    for (ByteReader in(bytes); in.remaining() > 0;) {
      const auto address = in.number<std::uint32_t>();
      list.push_back({address, in.number<std::uint32_t>()});
    }
  }
  const auto chosen = choose_addresses(interfaces_of, host_of);
  if (const auto own = chosen[static_cast<std::size_t>(context.rank().value())]) open_socket(*own);
  names_ = context.gather_to_all(socket_ >= 0 ? name_of(socket_) : Bytes{});
  for (int round = 0; round < kHandshakeRounds; ++round)
    if (handshake_round(context)) return;
}

NetworkBell::~NetworkBell() {
  if (socket_ >= 0) ::close(socket_);
}

void NetworkBell::open_socket(std::uint32_t own_address) {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(own_address);
  if (socket_ >= 0 &&
      ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

bool NetworkBell::send_to(std::size_t peer, std::span<const std::byte> content) const {
  const Bytes& name = names_[peer];
  if (socket_ < 0 || name.empty()) return false;
  return ::sendto(socket_, content.data(), content.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(name.data()),
                  static_cast<socklen_t>(name.size())) >= 0;
}

// The only time the content of a datagram is read. A wrong one can make a pair believe in a bell
// that does not ring; the safety time-out of the loop bounds what that costs.
void NetworkBell::note_hellos() {
  std::int32_t from = 0;
  while (socket_ >= 0 && ::recv(socket_, &from, sizeof from, MSG_DONTWAIT) == sizeof from)
    if (from >= 0 && static_cast<std::size_t>(from) < heard_.size())
      heard_[static_cast<std::size_t>(from)] = 1;
}

// True when there is nothing left to find out.
bool NetworkBell::handshake_round(MpiContext& context) {
  const auto self = static_cast<std::size_t>(context.rank().value());
  const std::int32_t own_rank = context.rank().value();
  heard_[self] = 1;
  std::vector<bool> told = hears_me_;
  told[self] = true;

  const auto end = std::chrono::steady_clock::now() + kHandshakeRound;
  for (bool complete = false; !complete && std::chrono::steady_clock::now() < end;) {
    note_hellos();
    complete = true;
    for (std::size_t rank = 0; rank < names_.size(); ++rank) {
      if (socket_ < 0 || names_[rank].empty()) continue;
      if (!told[rank]) told[rank] = send_to(rank, std::as_bytes(std::span(&own_rank, 1)));
      if (!told[rank] || !heard_[rank]) complete = false;
    }
    pollfd readable{socket_, POLLIN, 0};
    if (!complete) ::poll(&readable, 1, kLookForHellosMs);
  }

  Bytes mine;
  ByteWriter writer(mine);
  writer.raw(heard_.data(), heard_.size());
  const auto heard_by = context.gather_to_all(mine);
  heard_from_all_ = std::ranges::find(heard_, 0) == heard_.end();
  bool all = true;
  for (std::size_t rank = 0; rank < names_.size(); ++rank) {
    hears_me_[rank] = rank != self && heard_by[rank][self] != std::byte{0};
    all = all && std::ranges::find(heard_by[rank], std::byte{0}) == heard_by[rank].end();
  }
  return all;
}

bool NetworkBell::ring(RankId peer) const {
  const auto index = static_cast<std::size_t>(peer.value());
  if (!hears_me_[index]) return false;
  send_to(index, {});  // A full socket is fine: a bell is waiting there already.
  return true;
}

bool NetworkBell::hush() const {
  bool any = false;
  std::array<std::byte, 8> content;
  for (std::size_t taken = 0; socket_ >= 0 && taken < kMaxDrained; ++taken) {
    if (::recv(socket_, content.data(), content.size(), MSG_DONTWAIT) < 0) break;
    any = true;
  }
  return any;
}

}  // namespace weir
