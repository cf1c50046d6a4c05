#include "runtime/mpi/doorbell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// The same on all ranks of a host.
std::int64_t host_time() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

timespec to_timespec(Duration d) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(d);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((d - seconds).count())};
}

}  // namespace

Doorbell::Doorbell(MpiContext& context, DoorbellOptions options)
    : words_(static_cast<std::size_t>(context.rank_count()), nullptr),
      patience_(options.patience),
      ring_ahead_(options.ring_ahead) {
  // The default slack of 50 us would be added to every short sleep of this thread.
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);

  own_ = context.bell_word(context.rank());
  if (own_ == nullptr) own_ = &private_word_;
  own_->answer();  // What an earlier doorbell left there.
  learn_who_listens(context, options.refuse_bells);
  if (context.host_count() == 1) return;

  network_.emplace(context, options.refuse_bells);
  heard_from_all_ = network_->heard_from_all();
  if (network_->descriptor() < 0) return;
  event_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  WEIR_CHECK(event_ >= 0, "no eventfd");
}

Doorbell::~Doorbell() {
  own_->answer();
  if (event_ >= 0) ::close(event_);
}

void Doorbell::learn_who_listens(MpiContext& context, bool refuse) {
  Bytes mine;
  ByteWriter(mine).number(static_cast<std::uint8_t>(refuse ? 0 : 1));
  const auto listens = context.gather_to_all(mine);
  for (int rank = 0; rank < context.rank_count(); ++rank) {
    if (RankId(rank) == context.rank()) continue;
    const auto index = static_cast<std::size_t>(rank);
    const bool both = !refuse && ByteReader(listens[index]).number<std::uint8_t>() != 0;
    if (both) words_[index] = context.bell_word(RankId(rank));
    heard_from_all_ = heard_from_all_ && words_[index] != nullptr;
  }
}

void Doorbell::ring(RankId peer, RingPatience patience) {
  BellWord* word = words_[static_cast<std::size_t>(peer.value())];
  patience.usual = std::max(patience.usual, patience_);
  if (word != nullptr) {
    const bool waits = patience.usual > Duration::zero() || patience.of_supplied > Duration::zero();
    if (!word->ring(waits ? host_time() : 0, patience)) return;
    word->end_sleep();
  }
  // On this host, too: it may sleep on its socket.
  const bool sent = network_ && network_->ring(peer);
  if (word != nullptr || sent) ++counts_.rings;
}

void Doorbell::ring_ahead(RankId peer, RingPatience patience) {
  if (ring_ahead_ && words_[static_cast<std::size_t>(peer.value())] != nullptr) {
    ring(peer, patience);
  }
}

void Doorbell::wake() noexcept {
  if (own_->wake()) end_own_sleep();
}

void Doorbell::wake_within(Duration patience) noexcept {
  if (own_->wake_by(host_time() + patience.count())) end_own_sleep();
}

void Doorbell::end_own_sleep() noexcept {
  const int saved_error = errno;  // signal handlers must leave it as it was
  if (event_ >= 0) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
  } else {
    own_->end_sleep();
  }
  errno = saved_error;
}

bool Doorbell::announce_sleep(Duration longest, bool supplied) noexcept {
  announced_ = longest;
  return own_->announce_sleep(host_time() + longest.count(), supplied);
}

WakeCause Doorbell::sleep_on_socket() {
  std::array<pollfd, 2> descriptors{{{network_->descriptor(), POLLIN, 0}, {event_, POLLIN, 0}}};
  const timespec limit = to_timespec(std::max(announced_, Duration::zero()));
  if (::ppoll(descriptors.data(), descriptors.size(), &limit, nullptr) == 0)
    return WakeCause::kTimeout;
  if (descriptors[1].revents != 0) {
    std::uint64_t wakes = 0;
    [[maybe_unused]] const auto read = ::read(event_, &wakes, sizeof wakes);
  }
  return descriptors[0].revents != 0 && network_->hush() ? WakeCause::kBell : WakeCause::kWake;
}

// A wake of the last sleep that comes late ends this one early: a wake, and not a time-out.
WakeCause Doorbell::sleep() {
  ++counts_.sleeps;
  WakeCause cause = event_ >= 0               ? sleep_on_socket()
                    : own_->sleep(announced_) ? WakeCause::kWake
                                              : WakeCause::kTimeout;
  const SleepState state = own_->answer();
  if (state == SleepState::kRung) cause = WakeCause::kBell;
  if (state == SleepState::kWoken && cause == WakeCause::kTimeout) cause = WakeCause::kWake;
  if (cause == WakeCause::kBell) ++counts_.bells;
  if (cause == WakeCause::kWake) ++counts_.wakes;
  return cause;
}

}  // namespace weir
