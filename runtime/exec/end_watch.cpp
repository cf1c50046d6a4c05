#include "runtime/exec/end_watch.hpp"

namespace weir {
namespace {

// With fewer, looking in vain costs what being called would.
constexpr int kLeastPerTick = 2;

}  // namespace

void EndWatch::on_taken(std::size_t count, bool may_wait, Instant now) {
  if (count > 0) {
    const bool is_dense = static_cast<double>(count) * to_seconds(kEndTick) >=
                          kLeastPerTick * to_seconds(now - last_taken_);
    last_taken_ = now;
    next_look_ = may_wait && is_dense ? now + kEndTick : kNever;
  } else if (now >= next_look_ || !may_wait) {
    next_look_ = kNever;
  }
}

}  // namespace weir
