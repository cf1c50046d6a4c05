#include "runtime/control/reservation_desk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Tasks that running tasks spawned keep workers busy and ring no bell when they end.
constexpr Duration kLookAtSpawned = std::chrono::milliseconds(1);

}  // namespace

ReservationDesk::ReservationDesk(RankId self, const ReservationDeskOptions& options,
                                 Executor& executor, Transport& transport)
    : self_(self), options_(options), executor_(executor), transport_(transport) {}

bool ReservationDesk::add(RankId home, const Reservation& reservation, bool may_be_passed_on) {
  const auto [place, added] =
      places_.try_emplace({home, reservation.task, reservation.attempt}, line_.end());
  if (!added) return false;
  place->second = line_.insert(line_.end(), {home, reservation, may_be_passed_on, {}});
  movable_count_ += may_be_passed_on ? 1 : 0;
  return true;
}

void ReservationDesk::add(RankId home, const ReservationBatch& batch) {
  for (const Reservation& reservation : batch.reservations) add(home, reservation, true);
}

void ReservationDesk::add_passed_on(const std::vector<HandOver::PassedOn>& reservations) {
  for (const auto& [home, reservation] : reservations) add(home, reservation, false);
}

void ReservationDesk::leave_line(std::list<Place>::iterator place) {
  places_.erase({place->home, place->reservation.task, place->reservation.attempt});
  if (place->aside) {
    --aside_count_;
    aside_[place->home].erase(place);
    return;
  }
  movable_count_ -= place->may_be_passed_on ? 1 : 0;
  line_.erase(place);
}

bool ReservationDesk::is_overdue(RankId home, Instant now) const {
  return std::ranges::any_of(asked_, [&](const Asked& asked) {
    return asked.home == home && now - asked.at >= options_.patience;
  });
}

void ReservationDesk::step_aside() {
  Place& first = line_.front();
  first.aside = true;
  movable_count_ -= first.may_be_passed_on ? 1 : 0;
  ++aside_count_;
  std::list<Place>& others = aside_[first.home];
  others.splice(others.end(), line_, line_.begin());
}

// To the front, in their order: it was their turn long ago.
void ReservationDesk::step_back(RankId home) {
  const auto found = aside_.find(home);
  if (found == aside_.end()) return;
  for (Place& place : found->second) {
    place.aside = false;
    movable_count_ += place.may_be_passed_on ? 1 : 0;
  }
  aside_count_ -= found->second.size();
  line_.splice(line_.begin(), found->second);
  aside_.erase(found);
}

void ReservationDesk::cancel(RankId home, const Cancellation& cancelled) {
  for (const Reservation& reservation : cancelled.reservations) {
    const auto place = places_.find({home, reservation.task, reservation.attempt});
    if (place != places_.end()) leave_line(place->second);
  }
}

std::vector<HandOver::PassedOn> ReservationDesk::pass_on(std::size_t most) {
  std::size_t left = std::min(most, (movable_count_ + 1) / 2);
  std::vector<HandOver::PassedOn> passed;
  for (auto place = line_.end(); left > 0;) {
    --place;
    if (!place->may_be_passed_on) continue;
    passed.push_back({place->home, place->reservation});
    const auto gone = place++;
    leave_line(gone);
    --left;
  }
  std::ranges::reverse(passed);
  return passed;
}

void ReservationDesk::enqueue(std::vector<Task> tasks, Instant now) {
  if (line_.empty()) {
    executor_.enqueue(std::move(tasks), now);
    return;
  }
  for (Task& task : tasks) {
    Place place;
    place.task.push_back(std::move(task));
    line_.push_back(std::move(place));
  }
}

std::int64_t ReservationDesk::free_workers(Instant now) const {
  const ExecutorCounts counts = executor_.counts(now);
  std::int64_t free = executor_.promised_worker_count() -
                      static_cast<std::int64_t>(counts.running) -
                      static_cast<std::int64_t>(counts.queued);
  for (const Asked& asked : asked_) {
    if (now - asked.at < options_.patience) free -= static_cast<std::int64_t>(asked.unanswered);
  }
  return free;
}

TaskRequest ReservationDesk::ask(Instant now) {
  if (line_.empty()) return {};
  std::map<RankId, TaskRequest> by_home;
  std::int64_t free = free_workers(now);
  while (!line_.empty()) {
    Place& first = line_.front();
    if (first.task.empty()) {
      if (free <= 0) break;
      if (is_overdue(first.home, now)) {
        step_aside();
        continue;
      }
      by_home[first.home].wanted.push_back(first.reservation);
      leave_line(line_.begin());
    } else {
      executor_.enqueue(std::move(first.task), now);
      line_.pop_front();
    }
    --free;
  }
  TaskRequest own;
  for (auto& [home, request] : by_home) {
    asked_.push_back({home, now, request.wanted.size()});
    if (home == self_) {
      own = std::move(request);
    } else {
      transport_.send(home, std::move(request));
    }
  }
  return own;
}

void ReservationDesk::on_answer(RankId home, const RequestAnswer& answer) {
  // A home answers in the order it was asked.
  std::size_t answered = answer.tasks.size() + answer.gone.size();
  for (auto asked = asked_.begin(); asked != asked_.end() && answered > 0; ++asked) {
    if (asked->home != home) continue;
    const std::size_t taken = std::min(answered, asked->unanswered);
    asked->unanswered -= taken;
    answered -= taken;
  }
  WEIR_CHECK(answered == 0, "an answer to a request that was not made");
  std::erase_if(asked_, [](const Asked& asked) { return asked.unanswered == 0; });
  step_back(home);
}

void ReservationDesk::forget_home(RankId home) {
  step_back(home);
  for (auto place = line_.begin(); place != line_.end();) {
    const auto next = std::next(place);
    const RankId whose = place->task.empty() ? place->home : place->task.front().header.home;
    if (whose == home && place->task.empty()) {
      leave_line(place);
    } else if (whose == home) {
      line_.erase(place);
    }
    place = next;
  }
  std::erase_if(asked_, [home](const Asked& asked) { return asked.home == home; });
}

Instant ReservationDesk::next_wakeup(Instant now) const {
  if (line_.empty()) return kNever;
  Instant next = kNever;
  for (const Asked& asked : asked_) {
    if (now - asked.at < options_.patience) next = std::min(next, asked.at + options_.patience);
  }
  const SpawnCounts spawned = executor_.spawn_counts();
  if (spawned.started > spawned.finished) next = std::min(next, now + kLookAtSpawned);
  return next;
}

std::size_t ReservationDesk::asked_count() const {
  std::size_t count = 0;
  for (const Asked& asked : asked_) count += asked.unanswered;
  return count;
}

}  // namespace weir
