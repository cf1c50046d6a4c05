#include "runtime/control/limit_offsets.hpp"

#include <algorithm>

namespace weir {
namespace {

std::int32_t faded(std::int32_t offset) { return offset - (offset > 0) + (offset < 0); }

}  // namespace

std::uint32_t corrected_limit(std::uint32_t limit, std::int32_t offset, int domain_workers) {
  if (offset == 0 || (limit == 0 && offset > 0)) return limit;
  const std::int64_t from = limit == 0 ? domain_workers : limit;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, from + offset));
}

LimitOffsets::LimitOffsets(LimitAdviser* adviser, const std::vector<int>& domain_sizes)
    : adviser_(adviser),
      domain_count_(static_cast<int>(domain_sizes.size())),
      largest_domain_(domain_sizes.empty() ? 0 : std::ranges::max(domain_sizes)),
      most_offset_(static_cast<std::int32_t>(kMostOffset * largest_domain_)) {}

void LimitOffsets::ask(LimitView view) {
  std::int32_t& offset = offsets_[view.task_class.value()];
  view.offset = offset;
  view.most_offset = most_offset_;
  view.domain_workers = largest_domain_;
  view.domain_count = domain_count_;
  const int step = std::clamp(adviser_->step(view), -1, 1);
  const std::int32_t wanted = step == 0 ? faded(offset) : offset + step;
  offset = std::clamp(wanted, -most_offset_, view.limit == 0 ? 0 : most_offset_);
  ++decisions_;
  differing_ += offset == 0 ? 0 : 1;
}

void LimitOffsets::fade(ClassId task_class) {
  std::int32_t& offset = offsets_[task_class.value()];
  offset = faded(offset);
}

}  // namespace weir
