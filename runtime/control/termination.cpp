#include "runtime/control/termination.hpp"

#include <algorithm>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Rounds that find work under way are repeated at growing intervals: an epoch of microseconds ends
// in microseconds. One that goes on for long is noticed to be over a hundredth of that later, and
// costs each home no more messages than its reports.
constexpr Duration kFirstPause = 100us;
constexpr Duration kUsualPause = 20ms;
constexpr Duration kLongestPause = 250ms;
constexpr int kPausesPerWait = 128;

}  // namespace

TerminationDetector::TerminationDetector(std::size_t child_count)
    : answered_(child_count), pause_(kFirstPause) {}

std::optional<CountRequest> TerminationDetector::next_round(std::uint32_t epoch, Instant now) {
  if (epoch != epoch_) {
    epoch_ = epoch;
    pending_ = 0;
    previous_.reset();
    pause_ = kFirstPause;
    began_ = now;
    earliest_round_ = now;
  }
  if (pending_ > 0 || now < earliest_round_) return std::nullopt;
  ++round_;
  begin_round();
  return CountRequest{epoch_, round_};
}

void TerminationDetector::begin_round() {
  pending_ = answered_.size();
  std::fill(answered_.begin(), answered_.end(), false);
  sums_ = {};
}

bool TerminationDetector::add(std::size_t child, const CountAnswer& answer) {
  if (answer.epoch != epoch_ || answer.round != round_ || answered_[child]) return false;
  answered_[child] = true;
  sums_.submitted += answer.submitted;
  sums_.completed += answer.completed;
  sums_.exhausted = sums_.exhausted && answer.exhausted;
  return --pending_ == 0;
}

bool TerminationDetector::on_answer(std::size_t child, const CountAnswer& answer, Instant now) {
  if (!add(child, answer)) return false;
  const bool quiet = sums_.exhausted && sums_.submitted == sums_.completed;
  if (quiet && previous_ == sums_) return true;
  if (quiet) {
    previous_ = sums_;
    earliest_round_ = now;
    return false;
  }
  previous_.reset();
  earliest_round_ = now + pause_;
  pause_ =
      std::min(2 * pause_, std::clamp((now - began_) / kPausesPerWait, kUsualPause, kLongestPause));
  return false;
}

void TerminationDetector::follow(const CountRequest& request) {
  epoch_ = request.epoch;
  round_ = request.round;
  begin_round();
}

std::optional<CountAnswer> TerminationDetector::sum_with(std::size_t child,
                                                         const CountAnswer& answer) {
  if (!add(child, answer)) return std::nullopt;
  return CountAnswer{epoch_, round_, sums_.submitted, sums_.completed, sums_.exhausted};
}

}  // namespace weir
