// What a coordinator tells the one above it: its children as if they were one node, and of that
// only what has changed.

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// The children that have reported, as one node: counts are sums; speed and busy share are means
// over the workers; the service of a class is what makes the node as fast for it as they are
// together. Who it is and when it was made is left to the caller.
NodeReport merged_report(std::span<const NodeReport> children);

// The sender's side.
class SubtreeReporter {
 public:
  // The next report of a subtree that is like `merged` now.
  SubtreeReport next(const NodeReport& merged, Instant now);

 private:
  bool is_changed(std::size_t task_class, const ClassLoad& load) const;

  std::uint32_t sequence_ = 0;
  std::array<ClassLoad, kMaxClasses> told_{};
  std::size_t first_class_ = 0;  // where the next report begins to look for changes
};

// The receiver's side: brings what is known of a child up to date. False where it is not newer.
bool apply(const SubtreeReport& report, NodeReport& known);

}  // namespace weir
