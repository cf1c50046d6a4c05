// Who waits for whom.

#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

#include "runtime/session/session_core.hpp"

namespace weir {
namespace {

// At most so many tasks of one rank are named.
constexpr std::size_t kMostNamed = 8;

std::string seconds_text(Duration time) {
  std::ostringstream text;
  text.precision(3);
  text << std::fixed << to_seconds(time) << " s";
  return text.str();
}

}  // namespace

std::string SessionCore::report_text(Instant now) {
  std::ostringstream out;
  const auto name_of = [this](KindId kind) {
    if (kind == kLocalCallKind) return std::string("a function of this rank");
    if (kind == kDataKind) return std::string("data of another rank");
    return kinds_.contains(kind) ? kinds_.name(kind)
                                 : "unknown kind " + std::to_string(kind.value());
  };
  struct AtRank {
    std::size_t count = 0;
    Instant oldest = kNever;
    std::string names;
  };
  std::map<RankId, AtRank> ranks;
  agent_->tasks().for_each([&](const TaskEntry& entry) {
    AtRank& there = ranks[entry.node];
    there.oldest = std::min(there.oldest, entry.header.arrival);
    if (++there.count > kMostNamed) return;
    there.names += "\n    " + name_of(entry.header.kind) + ", task " +
                   std::to_string(index_of(entry.header.id)) + ", for " +
                   seconds_text(now - entry.header.arrival);
    if (entry.header.attempt > 1) {
      there.names += ", attempt " + std::to_string(entry.header.attempt);
    }
  });
  out << "rank " << mpi_->rank().value() << ": " << agent_->in_flight()
      << " tasks of this home are not complete\n";
  for (const auto& [rank, there] : ranks) {
    out << "  " << (rank == kNoRank ? "at no rank yet" : "at rank " + std::to_string(rank.value()))
        << ": " << there.count << ", the oldest for " << seconds_text(now - there.oldest)
        << there.names << '\n';
    if (there.count > kMostNamed) out << "    and " << there.count - kMostNamed << " more\n";
  }
  out << "  not yet placed: " << backlog_.size() << " beyond the home's credit of "
      << options_.max_in_flight << ", " << promises_.open() - backlog_.size()
      << " that wait for other futures or were submitted just now\n";
  waiting_->for_each([&](const WaitingList::Entry& entry) {
    out << "  " << entry.who << " waits for " << name_of(entry.what->kind());
    if (entry.what->task() != TaskId{}) out << ", task " << index_of(entry.what->task());
    out << ", for " << seconds_text(now - entry.since) << '\n';
  });
  const ExecutorLoad load = executor_->load(now);
  out << "  workers here: " << load.running << " of " << runtime_->worker_count() << " busy, "
      << load.queued << " tasks queued" << (paused_ ? ", paused" : "") << '\n';
  return out.str();
}

void SessionCore::report(std::ostream& out) {
  require_started();
  if (may_drive()) {
    out << report_text(now());
    return;
  }
  if (on_control_thread()) {
    throw std::logic_error("report() was called in an immediate task");
  }
  std::string text;
  ask([this, &text](Instant now) {
    text = report_text(now);
    return true;
  });
  out << text;
}

}  // namespace weir
