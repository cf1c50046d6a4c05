// What is known of contention below a coordinator, added up: of each child the newest sums count.
// It goes upward every so often; the root has the sums of the job, and they go down to every node.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// Nodes and coordinators say what is new at most so often.
inline constexpr Duration kContentionInterval = std::chrono::milliseconds(250);

class ContentionPool {
 public:
  explicit ContentionPool(std::size_t child_count) : children_(child_count) {}

  void on_report(std::size_t child, const ContentionReport& report);

  // kNever: nothing is new.
  Instant next_due() const { return is_changed_ ? last_told_ + kContentionInterval : kNever; }
  // The sums over the children, when that is due.
  std::vector<ClassContention> tell(Instant now);

 private:
  std::vector<std::array<ContentionSums, kMaxClasses>> children_;
  bool is_changed_ = false;
  Instant last_told_{};
};

}  // namespace weir
