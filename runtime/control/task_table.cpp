#include "runtime/control/task_table.hpp"

#include <string>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

TaskEntry& TaskTable::add(Task task) {
  const auto [entry, added] = entries_.try_emplace(task.header.id);
  WEIR_CHECK(added, "task " + std::to_string(task.header.id.value()) + " was submitted twice");
  entry->second.header = task.header;
  entry->second.payload = std::move(task.payload);
  return entry->second;
}

TaskEntry* TaskTable::find(TaskId id) {
  const auto entry = entries_.find(id);
  return entry == entries_.end() ? nullptr : &entry->second;
}

TaskEntry* TaskTable::find_attempt(TaskId id, std::uint32_t attempt) {
  TaskEntry* entry = find(id);
  return entry != nullptr && entry->header.attempt == attempt ? entry : nullptr;
}

void TaskTable::remove(TaskId id) { entries_.erase(id); }

}  // namespace weir
