// By how many workers a node corrects what its rule lets run of each class (node_allocator), where
// an adviser is there to say so.
//
// The adviser only ever moves an offset by one worker of a memory domain, or lets it fade by one.
// An offset is at most a quarter of the largest domain, whatever is said; where the rule has no
// limit there is nothing to raise, and a lowered one counts from all workers of the domain. So what
// an adviser does wrong comes slowly, and is gone some blocks after it holds; one that lowers all
// classes for good takes a quarter of what a loaded node can do.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/environment/executor.hpp"
#include "runtime/environment/limit_adviser.hpp"

namespace weir {

// The rule's limit, in one domain of so many workers at most, with the offset; zero: none. Never
// below one worker where there is one.
std::uint32_t corrected_limit(std::uint32_t limit, std::int32_t offset, int domain_workers);

class LimitOffsets {
 public:
  // Of the workers of the largest domain.
  static constexpr double kMostOffset = 0.25;

  // Null: all offsets stay zero. The adviser outlives this.
  LimitOffsets(LimitAdviser* adviser, const std::vector<int>& domain_sizes);

  bool has_adviser() const { return adviser_ != nullptr; }

  // Of a class of which there are tasks here. `view` without what this knows itself: the bounds,
  // the workers and the offset.
  void ask(LimitView view);
  // Of one of which there are none.
  void fade(ClassId task_class);

  std::int32_t offset(ClassId task_class) const { return offsets_[task_class.value()]; }
  int largest_domain() const { return largest_domain_; }

  // How often it was asked, and how often a limit was then other than the rule's.
  std::uint64_t decisions() const { return decisions_; }
  std::uint64_t differing() const { return differing_; }

 private:
  LimitAdviser* adviser_;
  int domain_count_;
  int largest_domain_;
  std::int32_t most_offset_;
  std::array<std::int32_t, kMaxClasses> offsets_{};
  std::uint64_t decisions_ = 0;
  std::uint64_t differing_ = 0;
};

}  // namespace weir
