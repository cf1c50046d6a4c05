// The agent's part when attempts end: they count or not, and tasks get another one or are complete.

#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/control/node_agent.hpp"

namespace weir {

void NodeAgent::on_end(TaskEnd end, RankId node, Instant now) {
  ++counts_.ends_heard;
  TaskEntry* entry = table_.find_attempt(end.id, end.attempt);
  if (entry == nullptr) {
    ++counts_.stale_ends;
    return;
  }
  // An end from elsewhere has overtaken the news that the task was moved there.
  if (node != entry->node) note_move(*entry, node);
  if (end.status != TaskStatus::kDone) {
    cluster_.on_failed(entry->node, entry->header.task_class);
  } else {
    cluster_.on_ended(entry->node, end.task_class, end.service);
    policy_.on_completion(end.id, node, end.task_class, now - entry->placed, end.service);
  }
  settle(*entry, std::move(end), node, now);
}

// It was placed elsewhere and has failed here, on its way out.
void NodeAgent::on_unsendable(TaskEnd end, Instant now) {
  ++counts_.never_ran;
  TaskEntry* entry = table_.find_attempt(end.id, end.attempt);
  WEIR_CHECK(entry != nullptr, "an attempt that was still to be sent is not the current one");
  cluster_.on_failed(entry->node, entry->header.task_class);
  settle(*entry, std::move(end), self_, now);
}

// The attempt has ended at `node`: another one, or completion.
void NodeAgent::settle(TaskEntry& entry, TaskEnd end, RankId node, Instant now) {
  const bool failed = end.status == TaskStatus::kFailed;
  const bool may_retry =
      (entry.header.flags & kNoRerun) == 0 &&
      entry.header.attempt - entry.reissued <= static_cast<std::uint32_t>(options_.max_retries);
  if (failed && may_retry) {
    retry(entry, now);
  } else {
    complete(entry, std::move(end), node, now);
  }
}

void NodeAgent::complete(TaskEntry& entry, TaskEnd end, RankId node, Instant now) {
  counts_.failed += end.status == TaskStatus::kFailed ? 1 : 0;
  counts_.dropped += end.status == TaskStatus::kDropped ? 1 : 0;
  ++counts_.completed;
  CompletedTask completed{entry.header,  end.status,  node,        now - entry.header.arrival,
                          end.waited,    end.service, entry.moved, std::move(end.result),
                          entry.reissued};
  if (capacity_) capacity_->on_completed(entry.header.task_class);
  table_.remove(end.id);
  sink_.on_completed(std::move(completed), now);
}

void NodeAgent::retry(TaskEntry& entry, Instant now) {
  ++entry.header.attempt;
  ++counts_.retried;
  place(entry, now);
}

}  // namespace weir
