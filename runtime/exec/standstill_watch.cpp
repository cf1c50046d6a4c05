#include "runtime/exec/standstill_watch.hpp"

#include <algorithm>
#include <string>

namespace weir {
namespace {

constexpr Duration kPatience = std::chrono::seconds(1);
// Of the time between two looks no more than this counts: in what nobody looked at, messages may
// have come that nobody has taken in, and workers may have been woken that have not run yet.
constexpr Duration kBetweenLooks = std::chrono::milliseconds(100);
// Each of the tasks that end one after the other needs some ten microseconds of the control thread.
constexpr Duration kUnwinding = std::chrono::milliseconds(100);

}  // namespace

std::optional<TaskEnd> StandstillWatch::look(Instant now) {
  if (unwinds_until_ != kNever) {
    if (now < unwinds_until_) return std::nullopt;
    unwinds_until_ = kNever;
    team_.unwinding.store(false, std::memory_order_relaxed);
    team_.parking.wake_all();
    return std::nullopt;
  }
  const std::uint64_t word = team_.stalled.word();
  if (StalledWorkers::count_of(word) < team_.domain_of.size()) {
    if (looked_ != kNever) team_.permits_one.store(false);
    looked_ = kNever;
    return std::nullopt;
  }
  if (looked_ == kNever || word != word_) {
    quiet_ = Duration::zero();
  } else {
    quiet_ += std::min(now - looked_, kBetweenLooks);
  }
  looked_ = now;
  word_ = word;
  if (quiet_ < kPatience) return std::nullopt;
  quiet_ = Duration::zero();
  const bool some_have_room =
      team_.exhausted.load(std::memory_order_relaxed) < team_.domain_of.size();
  if (some_have_room && !team_.permits_one.exchange(true)) {
    team_.parking.wake_all();
    return std::nullopt;
  }
  const std::optional<QueuedTask> queued = team_.exchange.take_deepest();
  if (!queued) return std::nullopt;  // They wait for other ranks, or for the application.
  team_.unwinding.store(true, std::memory_order_relaxed);
  unwinds_until_ = now + kUnwinding;
  return give_up(*queued, now);
}

Instant StandstillWatch::next_look() const {
  if (unwinds_until_ != kNever) return unwinds_until_;
  return looked_ == kNever ? kNever : looked_ + kBetweenLooks;
}

TaskEnd StandstillWatch::give_up(const QueuedTask& queued, Instant now) const {
  const TaskHeader& header = queued.task.header;
  const std::string depth =
      (header.depth == kMostDepth ? "at least " : "") + std::to_string(header.depth);
  TaskEnd end =
      failed_end(header,
                 "tasks that wait for tasks lie too deep on each other\n"
                 "  found   one with " +
                     depth +
                     " others above it, each of which was submitted by the "
                     "one before; all " +
                     std::to_string(team_.domain_of.size()) +
                     " workers of the rank wait in such tasks, on half of their stacks\n"
                     "  needed  a worker with room on its stack for one more\n"
                     "  try     then() or submit_after() in place of get(), a loop in place of the "
                     "recursion, or larger stacks (ulimit -s)");
  end.waited = now - queued.queued_at;
  return end;
}

}  // namespace weir
