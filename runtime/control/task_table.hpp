// The tasks of one home that are not yet complete, and how far each of them is.
//
// Entries lie in one block and are found through a table of their places: open addressing with
// linear probing, where an entry that leaves pulls those behind it forward, so that no mark of it
// stays (D. Knuth, "The Art of Computer Programming" 3, section 6.4, algorithm R). A task costs no
// allocation, which a node of std::unordered_map does. Slots hold the ids, so that a search touches
// no entry but its own; and a few ids that follow each other, as those of a stream do, have slots
// side by side, so that most searches find theirs in the cache.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Only the current attempt of an entry counts. The payload is kept until the task is complete, so
// that another attempt can be made from it whatever became of the node that had it.
struct TaskEntry {
  TaskHeader header;
  Payload payload;
  RankId node;                 // where the current attempt is, as far as this home knows
  RankId target = kNoRank;     // where it is pinned to; kNoRank: wherever the policy likes
  Instant placed{};            // when the current attempt was placed
  RankId deserted = kNoRank;   // the silent node that had the attempt before
  bool moved = false;          // some attempt was handed over
  std::uint32_t reissued = 0;  // attempts that were made because a node was silent
  std::uint32_t lost = 0;      // of those nodes, the ones that were out then
  bool is_here = false;        // for the table alone: the place is taken
};

// What it returns is valid until the next add() or remove().
class TaskTable {
 public:
  // A second task of the same id is a mistake in the program that made the ids.
  TaskEntry& add(Task task);
  // Null when the task is complete or was never here.
  TaskEntry* find(TaskId id);
  const TaskEntry* find(TaskId id) const { return const_cast<TaskTable*>(this)->find(id); }
  // Null also when `attempt` is not the current one.
  TaskEntry* find_attempt(TaskId id, std::uint32_t attempt);
  void remove(TaskId id);

  // Calls `look(const TaskEntry&)` for each, in an order that depends only on the calls before.
  template <typename Look>
  void for_each(Look look) const {
    for (const TaskEntry& entry : entries_) {
      if (entry.is_here) look(entry);
    }
  }

  std::size_t size() const { return size_; }

 private:
  // A place in entries_, or none.
  using Place = std::uint32_t;
  static constexpr Place kNoPlace = ~Place{0};
  struct Slot {
    TaskId id;
    Place place = kNoPlace;  // free
    std::uint32_t hash = 0;  // of the id
  };

  // Where in slots_ the search begins.
  std::size_t first_slot(std::uint32_t hash) const { return hash & (slots_.size() - 1); }
  // The slot of the task, or the free one where the search for it ends.
  std::size_t slot_of(TaskId id) const;
  void grow();
  void pull_forward(std::size_t gap);

  std::vector<TaskEntry> entries_;
  std::vector<Place> free_;  // of entries_
  std::vector<Slot> slots_;  // a power of two, at most half of it taken
  std::size_t size_ = 0;
};

}  // namespace weir
