#include "runtime/control/termination.hpp"

#include <algorithm>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Rounds that find work under way are repeated at growing intervals: an epoch of microseconds ends
// in microseconds, and one of minutes costs a message per home and 20 ms.
constexpr Duration kFirstPause = 100us;
constexpr Duration kLongestPause = 20ms;

}  // namespace

TerminationDetector::TerminationDetector(int home_count)
    : home_count_(home_count), answered_(home_count), pause_(kFirstPause) {}

std::optional<CountRequest> TerminationDetector::next_round(std::uint32_t epoch, Instant now) {
  if (epoch != epoch_) {
    epoch_ = epoch;
    pending_ = 0;
    previous_.reset();
    pause_ = kFirstPause;
    earliest_round_ = now;
  }
  if (pending_ > 0 || now < earliest_round_) return std::nullopt;
  ++round_;
  pending_ = home_count_;
  std::fill(answered_.begin(), answered_.end(), false);
  sums_ = {};
  return CountRequest{epoch_, round_};
}

bool TerminationDetector::on_answer(RankId home, const CountAnswer& answer, Instant now) {
  if (answer.epoch != epoch_ || answer.round != round_ || answered_[home.value()]) return false;
  answered_[home.value()] = true;
  sums_.submitted += answer.submitted;
  sums_.completed += answer.completed;
  sums_.exhausted = sums_.exhausted && answer.exhausted;
  if (--pending_ > 0) return false;

  const bool quiet = sums_.exhausted && sums_.submitted == sums_.completed;
  if (quiet && previous_ == sums_) return true;
  if (quiet) {
    previous_ = sums_;
    earliest_round_ = now;
    return false;
  }
  previous_.reset();
  earliest_round_ = now + pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
  return false;
}

}  // namespace weir
