#include "runtime/process/child_watch.hpp"

#include <algorithm>
#include <csignal>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kNotDue = SteadyClock::time_point::max();

}  // namespace

ChildWatch::ChildWatch(ChildWatchOptions options) : options_(options) {
  thread_ = std::thread([this] { watch(); });
}

ChildWatch::~ChildWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ChildWatch::add(pid_t group, std::optional<Duration> limit) {
  const std::lock_guard lock(mutex_);
  Watched watched{group, limit ? SteadyClock::now() + *limit : kNotDue};
  if (ends_all_) ask(watched, EndedBy::kRequest, SteadyClock::now());
  watched_.push_back(watched);
  if (watched.due != kNotDue) changed_.notify_one();
}

EndedBy ChildWatch::remove(pid_t group) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(watched_, group, &Watched::group);
  WEIR_CHECK(found != watched_.end(), "a child was not watched");
  const EndedBy ended_by = found->ended_by;
  *found = watched_.back();
  watched_.pop_back();
  return ended_by;
}

void ChildWatch::end_all() {
  const std::lock_guard lock(mutex_);
  ends_all_ = true;
  const auto now = SteadyClock::now();
  for (Watched& watched : watched_) {
    if (!watched.asked) {
      ask(watched, EndedBy::kRequest, now);
    } else if (watched.due != kNotDue) {
      watched.due = std::min(watched.due, now + options_.hurried_patience);
    }
  }
  changed_.notify_one();
}

void ChildWatch::ask(Watched& watched, EndedBy by, SteadyTime now) {
  watched.asked = true;
  watched.ended_by = by;
  watched.due = now + (by == EndedBy::kRequest ? options_.hurried_patience : options_.patience);
  ::kill(-watched.group, SIGTERM);
  ::kill(-watched.group, SIGCONT);  // One that is stopped hears it only once it goes on.
}

void ChildWatch::press(Watched& watched, SteadyTime now) {
  if (!watched.asked) {
    ask(watched, EndedBy::kTimeLimit, now);
  } else {
    ::kill(-watched.group, SIGKILL);
    watched.due = kNotDue;
  }
}

void ChildWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = SteadyClock::now();
    auto next = kNotDue;
    for (Watched& watched : watched_) {
      if (watched.due <= now) press(watched, now);
      next = std::min(next, watched.due);
    }
    if (next == kNotDue) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

}  // namespace weir
