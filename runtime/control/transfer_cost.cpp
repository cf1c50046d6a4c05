#include "runtime/control/transfer_cost.hpp"

#include <algorithm>

namespace weir {
namespace {

// About so many hand-overs count.
constexpr double kMemory = 32;

}  // namespace

void TransferCost::add(std::uint32_t task_count, std::uint64_t bytes, Duration took) {
  for (double* sum : {&count_, &tasks_, &bytes_, &squares_, &seconds_, &products_}) {
    *sum *= 1 - 1 / kMemory;
  }
  const auto size = static_cast<double>(bytes);
  const double took_s = to_seconds(took);
  count_ += 1;
  tasks_ += task_count;
  bytes_ += size;
  squares_ += size * size;
  seconds_ += took_s;
  products_ += size * took_s;
}

double TransferCost::seconds(std::uint32_t task_count) const {
  return seconds_of(bytes_per_task() * task_count);
}

// More bytes never take less time, and none takes less than none.
double TransferCost::seconds_of(double bytes) const {
  if (!is_known()) return 0;
  const double spread = squares_ - bytes_ * bytes_ / count_;
  const double along = products_ - bytes_ * seconds_ / count_;
  const bool varies = spread > 1e-6 * squares_;
  double per_byte = varies ? std::max(0.0, along / spread) : 0;
  if (bytes_ > 0) per_byte = std::min(per_byte, seconds_ / bytes_);
  const double fixed_s = (seconds_ - per_byte * bytes_) / count_;
  return fixed_s + per_byte * bytes;
}

double TransferCost::bytes_per_task() const { return tasks_ > 0 ? bytes_ / tasks_ : 0; }

}  // namespace weir
