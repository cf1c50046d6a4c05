#include "runtime/control/node_allocator.hpp"

#include <algorithm>
#include <vector>

#include "runtime/control/limit_binding.hpp"

namespace weir {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(5);
// Of an equal share.
constexpr double kFloor = 0.5;
// Of what runs of a class.
constexpr double kPartOnTrial = 0.75;

std::uint32_t smallest_domain(const Executor& executor) {
  const std::vector<int> sizes = executor.memory_domain_sizes();
  return sizes.empty() ? 0 : static_cast<std::uint32_t>(std::ranges::min(sizes));
}

ClassId class_of(std::size_t number) { return ClassId(static_cast<std::uint8_t>(number)); }

}  // namespace

NodeAllocator::NodeAllocator(const NodeControlOptions& options, Executor& executor,
                             NodeMeter& meter, LimitAdviser* adviser)
    : options_(options),
      executor_(executor),
      meter_(meter),
      binds_from_(limit_binds_from(smallest_domain(executor))),
      offsets_(options.limits ? adviser : nullptr, executor.memory_domain_sizes()) {}

void NodeAllocator::on_round(Instant now) {
  if (!options_.any() || (has_looked_ && now - last_look_ < kTick)) return;
  has_looked_ = true;
  last_look_ = now;
  if (options_.regime) meter_.look_at_running(now);
  if (!options_.limits && !options_.shares) return;
  const ExecutorLoad load = executor_.load(now);
  if (options_.limits) choose_trial(load);
  if (offsets_.has_adviser()) ask_adviser(load, now);
  const ClassLimits limits = limits_for(load);
  if (limits == limits_) return;
  limits_ = limits;
  executor_.set_class_limits(limits, now);
}

void NodeAllocator::choose_trial(const ExecutorLoad& load) {
  // A class at its own limit could not take the workers that a trial frees.
  const auto waits = [&](std::size_t i) {
    return load.classes[i].queued > 0 && meter_.limit_to_try(class_of(i)) == 0;
  };
  std::size_t waiting_count = 0;
  for (std::size_t i = 0; i < load.classes.size(); ++i) waiting_count += waits(i) ? 1 : 0;
  const bool several_wait = waiting_count > 1;
  if (!several_wait || !waits(trial_class_)) trial_most_ = 0;
  if (meter_.block_number() == trial_block_) return;
  trial_block_ = meter_.block_number();
  trial_most_ = 0;
  // Every other block, to compare with.
  if (!several_wait || trial_block_ % 2 == 0) return;
  do {
    trial_class_ = (trial_class_ + 1) % load.classes.size();
  } while (!waits(trial_class_));
  const double running_per_domain = load.classes[trial_class_].running /
                                    static_cast<double>(executor_.memory_domain_sizes().size());
  trial_most_ = static_cast<std::uint32_t>(kPartOnTrial * running_per_domain);
}

void NodeAllocator::ask_adviser(const ExecutorLoad& load, Instant now) {
  if (meter_.block_number() == asked_block_) return;
  asked_block_ = meter_.block_number();
  const double worker_s = to_seconds(now - last_asked_) * executor_.promised_worker_count();
  const double busy_share =
      worker_s > 0 ? std::clamp(to_seconds(load.busy - last_busy_) / worker_s, 0.0, 1.0) : 0;
  last_asked_ = now;
  last_busy_ = load.busy;
  for (std::size_t i = 0; i < load.classes.size(); ++i) {
    const ExecutorLoad::PerClass& of_class = load.classes[i];
    if (of_class.queued + of_class.running == 0) {
      offsets_.fade(class_of(i));
    } else {
      offsets_.ask({.task_class = class_of(i),
                    .queued = static_cast<double>(of_class.queued),
                    .running = static_cast<double>(of_class.running),
                    .all_queued = static_cast<double>(load.queued),
                    .all_running = static_cast<double>(load.running),
                    .limit = meter_.domain_limit(class_of(i)),
                    .pace = meter_.pace(class_of(i)),
                    .slowness = meter_.slowness(),
                    .is_slow = meter_.is_slow(),
                    .busy_share = busy_share});
    }
    meter_.correct_limit(class_of(i), offsets_.offset(class_of(i)));
  }
}

std::uint32_t NodeAllocator::most_of(std::size_t task_class) const {
  const ClassId id = class_of(task_class);
  const std::uint32_t limit = meter_.limit_to_try(id);
  if (limit == 0 && task_class == trial_class_ && trial_most_ > 0) return trial_most_;
  const bool is_on_trial = limit != meter_.domain_limit(id);
  return is_on_trial ? limit
                     : corrected_limit(limit, offsets_.offset(id), offsets_.largest_domain());
}

ClassLimits NodeAllocator::limits_for(const ExecutorLoad& load) const {
  ClassLimits limits{};
  if (options_.limits) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      limits[i].most = most_of(i);
      if (limits[i].most > 0) limits[i].binds_from = binds_from_;
    }
  }
  if (!options_.shares) return limits;
  const auto present = std::ranges::count_if(
      load.classes, [](const auto& one) { return one.queued + one.running > 0; });
  if (present < 2) return limits;
  const double share = kFloor * executor_.promised_worker_count() / static_cast<double>(present);
  for (ClassLimit& limit : limits) limit.share = std::max(1U, static_cast<std::uint32_t>(share));
  return limits;
}

}  // namespace weir
