#include "runtime/control/node_allocator.hpp"

#include <algorithm>

namespace weir {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(5);
// Of an equal share.
constexpr double kFloor = 0.5;
// Of what runs of a class.
constexpr double kPartOnTrial = 0.75;

}  // namespace

NodeAllocator::NodeAllocator(const NodeControlOptions& options, Executor& executor,
                             NodeMeter& meter)
    : options_(options), executor_(executor), meter_(meter) {}

void NodeAllocator::on_round(Instant now) {
  if (!options_.any() || (has_looked_ && now - last_look_ < kTick)) return;
  has_looked_ = true;
  last_look_ = now;
  if (options_.regime) meter_.look_at_running(now);
  if (!options_.limits && !options_.shares) return;
  const ExecutorLoad load = executor_.load(now);
  if (options_.limits) choose_trial(load);
  const ClassLimits limits = limits_for(load);
  if (limits == limits_) return;
  limits_ = limits;
  executor_.set_class_limits(limits, now);
}

void NodeAllocator::choose_trial(const ExecutorLoad& load) {
  // A class at its own limit could not take the workers that a trial frees.
  const auto waits = [&](std::size_t i) {
    return load.classes[i].queued > 0 &&
           meter_.limit_to_try(ClassId(static_cast<std::uint8_t>(i))) == 0;
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

ClassLimits NodeAllocator::limits_for(const ExecutorLoad& load) const {
  ClassLimits limits{};
  if (options_.limits) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      limits[i].most = meter_.limit_to_try(ClassId(static_cast<std::uint8_t>(i)));
    }
    if (limits[trial_class_].most == 0) limits[trial_class_].most = trial_most_;
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
