// The ids of a home's tasks that are taken and not complete, without an allocation for each: open
// addressing with linear probing, where an id that leaves pulls those behind it forward (D. Knuth,
// "The Art of Computer Programming" 3, section 6.4, algorithm R).

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

class OpenTasks {
 public:
  // One that is not in it.
  void insert(TaskId id);
  // False where it was not in it.
  bool erase(TaskId id);
  bool contains(TaskId id) const;
  std::size_t size() const { return size_; }
  // In an order that depends only on the calls before.
  std::vector<TaskId> ids() const;

 private:
  // The place of the id, or the free one where the search for it ends.
  std::size_t place_of(TaskId id) const;
  void grow();

  std::vector<TaskId> places_;  // a power of two, at most half of it taken
  std::size_t size_ = 0;
};

}  // namespace weir
