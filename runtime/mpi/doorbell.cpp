#include "runtime/mpi/doorbell.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "runtime/base/check.hpp"
#include "runtime/mpi/network_address.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A hello or two may be lost; a pair that fails three rounds has no bell.
constexpr int kHandshakeRounds = 3;
constexpr auto kHandshakeRound = 200ms;
constexpr std::size_t kMaxDrained = 64;  // datagrams taken per wait; the rest end the next one

int datagram_socket(int family) {
  return ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// The name the system gave, or nothing.
Bytes name_of(int socket) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  const auto* first = reinterpret_cast<const std::byte*>(&name);
  return {first, first + length};
}

bool bind_to(int socket, const void* address, std::size_t bytes) {
  return ::bind(socket, static_cast<const sockaddr*>(address), static_cast<socklen_t>(bytes)) == 0;
}

timespec to_timespec(Duration d) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(d);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((d - seconds).count())};
}

}  // namespace

Doorbell::Doorbell(MpiContext& context, DoorbellOptions options)
    : peers_(static_cast<std::size_t>(context.rank_count())),
      hears_me_(static_cast<std::size_t>(context.rank_count()), false),
      heard_(static_cast<std::size_t>(context.rank_count()), 0) {
  event_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  WEIR_CHECK(event_ >= 0, "no eventfd");
  // The default slack of 50 us would be added to every short sleep of this thread.
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);

  if (!options.refuse_bells) open_unix_socket();
  learn_addresses(context);
  for (int round = 0; round < kHandshakeRounds; ++round)
    if (handshake_round(context)) return;
}

Doorbell::~Doorbell() {
  for (const int socket : {unix_socket_, udp_socket_, event_})
    if (socket >= 0) ::close(socket);
}

void Doorbell::open_unix_socket() {
  unix_socket_ = datagram_socket(AF_UNIX);
  // Bound without a name, the socket gets a free one of the abstract namespace.
  const sockaddr_un unnamed{.sun_family = AF_UNIX, .sun_path = {}};
  if (unix_socket_ >= 0 && !bind_to(unix_socket_, &unnamed, sizeof(sa_family_t))) {
    ::close(unix_socket_);
    unix_socket_ = -1;
  }
}

void Doorbell::learn_addresses(MpiContext& context) {
  std::vector<RankId> host_of;
  for (int rank = 0; rank < context.rank_count(); ++rank)
    host_of.push_back(context.host_of(RankId(rank)));

  const auto interfaces = unix_socket_ >= 0 ? own_addresses() : std::vector<InterfaceAddress>{};
  Bytes mine;
  ByteWriter writer(mine);
  for (const InterfaceAddress& each : interfaces) {
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
  const auto own = chosen[static_cast<std::size_t>(context.rank().value())];
  if (context.host_count() > 1 && own) open_udp_socket(*own);
  learn_names(context);
}

void Doorbell::open_udp_socket(std::uint32_t own_address) {
  udp_socket_ = datagram_socket(AF_INET);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(own_address);
  if (udp_socket_ >= 0 && !bind_to(udp_socket_, &address, sizeof address)) {
    ::close(udp_socket_);
    udp_socket_ = -1;
  }
}

void Doorbell::learn_names(MpiContext& context) {
  const RankId own_host = context.host_of(context.rank());
  Bytes names;
  ByteWriter names_writer(names);
  names_writer.block(unix_socket_ >= 0 ? name_of(unix_socket_) : Bytes{});
  names_writer.block(udp_socket_ >= 0 ? name_of(udp_socket_) : Bytes{});
  const auto names_of = context.gather_to_all(names);
  for (std::size_t rank = 0; rank < names_of.size(); ++rank) {
    ByteReader in(names_of[rank]);
    const auto unix_name = in.block();
    const auto udp_name = in.block();
    const bool same_host = context.host_of(RankId(static_cast<std::int32_t>(rank))) == own_host;
    const auto name = same_host ? unix_name : udp_name;
    peers_[rank] = {Bytes(name.begin(), name.end()), !same_host};
  }
}

bool Doorbell::send_to(const Address& peer, std::span<const std::byte> content) const {
  const int socket = peer.udp ? udp_socket_ : unix_socket_;
  if (socket < 0 || peer.bytes.empty()) return false;
  return ::sendto(socket, content.data(), content.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(peer.bytes.data()),
                  static_cast<socklen_t>(peer.bytes.size())) >= 0;
}

// The only time the content of a datagram is read. A wrong one can make a pair believe in a bell
// that does not ring; the safety time-out of the loop bounds what that costs.
void Doorbell::note_hellos() {
  for (const int socket : {unix_socket_, udp_socket_}) {
    std::int32_t from = 0;
    while (socket >= 0 && ::recv(socket, &from, sizeof from, MSG_DONTWAIT) == sizeof from)
      if (from >= 0 && static_cast<std::size_t>(from) < heard_.size())
        heard_[static_cast<std::size_t>(from)] = 1;
  }
}

// True when there is nothing left to find out.
bool Doorbell::handshake_round(MpiContext& context) {
  const auto self = static_cast<std::size_t>(context.rank().value());
  const std::int32_t own_rank = context.rank().value();
  heard_[self] = 1;
  std::vector<bool> told = hears_me_;
  told[self] = true;

  const auto end = std::chrono::steady_clock::now() + kHandshakeRound;
  for (bool complete = false; !complete && std::chrono::steady_clock::now() < end;) {
    note_hellos();
    complete = true;
    for (std::size_t rank = 0; rank < peers_.size(); ++rank) {
      const bool possible =
          !peers_[rank].bytes.empty() && (peers_[rank].udp ? udp_socket_ : unix_socket_) >= 0;
      if (!possible) continue;
      if (!told[rank]) told[rank] = send_to(peers_[rank], std::as_bytes(std::span(&own_rank, 1)));
      if (!told[rank] || !heard_[rank]) complete = false;
    }
    if (!complete) sleep_until_readable(1ms);
  }

  Bytes mine;
  ByteWriter writer(mine);
  writer.raw(heard_.data(), heard_.size());
  const auto heard_by = context.gather_to_all(mine);
  heard_from_all_ = std::ranges::find(heard_, 0) == heard_.end();
  bool all = true;
  for (std::size_t rank = 0; rank < peers_.size(); ++rank) {
    hears_me_[rank] = rank != self && heard_by[rank][self] != std::byte{0};
    all = all && std::ranges::find(heard_by[rank], std::byte{0}) == heard_by[rank].end();
  }
  return all;
}

void Doorbell::ring(RankId peer) {
  const auto index = static_cast<std::size_t>(peer.value());
  // A full socket is fine: a bell is waiting there already.
  if (hears_me_[index]) send_to(peers_[index], {});
}

void Doorbell::wake() noexcept {
  if (state_.exchange(State::kWoken) != State::kAsleep) return;
  const int saved_error = errno;  // signal handlers must leave it as it was
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
  errno = saved_error;
}

// poll skips descriptors that are negative.
Doorbell::Readable Doorbell::sleep_until_readable(Duration longest) const {
  std::array<pollfd, 3> descriptors{
      {{unix_socket_, POLLIN, 0}, {udp_socket_, POLLIN, 0}, {event_, POLLIN, 0}}};
  const timespec limit = to_timespec(std::max(longest, Duration::zero()));
  if (::ppoll(descriptors.data(), descriptors.size(), &limit, nullptr) <= 0) return {};
  return {descriptors[0].revents != 0 || descriptors[1].revents != 0, descriptors[2].revents != 0};
}

bool Doorbell::hush() const {
  bool any = false;
  std::array<std::byte, 8> content;
  for (const int socket : {unix_socket_, udp_socket_}) {
    if (socket < 0) continue;
    for (std::size_t taken = 0; taken < kMaxDrained; ++taken) {
      if (::recv(socket, content.data(), content.size(), MSG_DONTWAIT) < 0) break;
      any = true;
    }
  }
  return any;
}

WakeCause Doorbell::wait(Duration longest) {
  ++counts_.waits;
  State awake = State::kAwake;
  if (!state_.compare_exchange_strong(awake, State::kAsleep)) {
    state_ = State::kAwake;
    ++counts_.wakes;
    return WakeCause::kWake;
  }
  const Readable readable = sleep_until_readable(longest);
  const bool woken = state_.exchange(State::kAwake) == State::kWoken;
  // Also when nobody woke us this time: the write of an earlier wake may have come late.
  if (readable.event) {
    std::uint64_t wakes = 0;
    [[maybe_unused]] const auto read = ::read(event_, &wakes, sizeof wakes);
  }
  const bool rung = readable.socket && hush();
  if (rung) ++counts_.bells;
  if (woken && !rung) ++counts_.wakes;
  return rung ? WakeCause::kBell : woken ? WakeCause::kWake : WakeCause::kTimeout;
}

}  // namespace weir
