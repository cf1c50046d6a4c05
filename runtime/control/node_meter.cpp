#include "runtime/control/node_meter.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"
#include "runtime/control/limit_offsets.hpp"

namespace weir {
namespace {

// What a class costs here changes slowly: the mean of the first tasks, then an exponential one,
// with an error of 4 % where C2 = 4.
constexpr double kLeastClassGain = 1.0 / 1024;
// How fast the node is at the moment changes sooner, and shows in the tasks of all classes
// together.
constexpr double kPaceGain = 1.0 / 256;
// A mean of fewer tasks of a class is no measure of their pace.
constexpr std::uint64_t kTasksBeforePace = 256;
// One of so many is off by a quarter where C2 = 8, which two states bear.
constexpr std::uint64_t kTasksBeforeRegime = 128;
// Nobody goes by a mean of fewer.
constexpr std::uint64_t kTasksBeforeTelling = 16;
// Ages of what runs are looked at so often: a look costs 4 us at 40 cores.
constexpr Duration kLookInterval = std::chrono::milliseconds(20);
// Of the probability of a slow state.
constexpr double kClearlyNormal = 0.2;
// What tasks of a class took is seen relative to those of other classes among so many, half a
// second of a busy node, and as many as if they had gone as expected.
constexpr std::uint32_t kBlockTasks = 128;
constexpr double kPaceTasks = 16;
constexpr std::uint64_t kTasksBeforeBlock = 32;
// A block of a class is some forty tasks: where C2 = 4 their mean is off by a third, that of eight
// blocks by a tenth.
constexpr double kClassPaceGain = 1.0 / 8;
// A limit that falls like this changes what tasks take.
constexpr double kMuchLower = 0.8;

}  // namespace

NodeMeter::NodeMeter(RankId self, const NodeMeterOptions& options, const Executor& executor,
                     Telemetry& telemetry)
    : self_(self),
      options_(options),
      executor_(executor),
      telemetry_(telemetry),
      domain_sizes_(executor.memory_domain_sizes()) {
  WEIR_CHECK(options.class_count >= 0 && options.class_count <= kMaxClasses, "too many classes");
}

void NodeMeter::on_ended(ClassId task_class, Duration service, std::uint32_t running_alike) {
  PerClass& c = classes_[task_class.value()];
  ++c.completed;
  ++ended_;
  const double service_s = to_seconds(service);
  c.services_s += service_s;
  if (options_.finds_limits) {
    look_for_contention(task_class.value(), service_s, running_alike);
  }
  if (options_.detects_regime) {
    learn_normal_state(task_class.value(), service_s);
    return;
  }
  const double gain = std::max(kLeastClassGain, 1.0 / static_cast<double>(c.completed));
  c.mean_service_s += gain * (service_s - c.mean_service_s);
  if (c.completed <= kTasksBeforePace || c.mean_service_s <= 0) return;
  pace_ += kPaceGain * (service_s / c.mean_service_s - pace_);
}

void NodeMeter::learn_normal_state(std::size_t task_class, double service_s) {
  PerClass& c = classes_[task_class];
  if (is_measured(c)) {
    const double factor = regime_.on_ended(task_class, service_s / c.mean_service_s, sizes_of(c));
    c.mean_service_s *= factor;
    c.square_service_s2 *= factor * factor;
    if (factor != 1) forget_contention_of_others(task_class);
    // Where the state is not clear nothing is learned of either.
    if (regime_.probability() > kClearlyNormal) return;
  }
  const double gain = std::max(kLeastClassGain, 1.0 / (1.0 + static_cast<double>(c.learned++)));
  c.mean_service_s += gain * (service_s - c.mean_service_s);
  c.square_service_s2 += gain * (service_s * service_s - c.square_service_s2);
}

// What was learned of them is relative to another mean of this class.
void NodeMeter::forget_contention_of_others(std::size_t task_class) {
  for (std::size_t i = 0; i < contention_.size(); ++i) {
    if (i != task_class) contention_[i] = new_contention_estimator();
  }
}

ContentionEstimator NodeMeter::new_contention_estimator() const {
  return ContentionEstimator(static_cast<std::uint32_t>(std::ranges::max(domain_sizes_)));
}

bool NodeMeter::is_measured(const PerClass& c) {
  return c.learned >= kTasksBeforeRegime && c.mean_service_s > 0;
}

SizeModel NodeMeter::sizes_of(const PerClass& c) {
  return SizeModel(c.square_service_s2 / (c.mean_service_s * c.mean_service_s) - 1);
}

void NodeMeter::look_at_running(Instant now) {
  if (has_looked_ && now - last_look_ < kLookInterval) return;
  regime_.begin_look(has_looked_ ? now - last_look_ : Duration::zero());
  has_looked_ = true;
  last_look_ = now;
  running_.clear();
  executor_.append_running(running_);
  std::vector<SizeModel> sizes;
  for (const PerClass& c : classes_) sizes.push_back(sizes_of(c));
  for (const RunningTask& task : running_) {
    const PerClass& c = classes_[task.task_class.value()];
    if (!is_measured(c)) continue;
    const double age_s = to_seconds(std::max(now - task.started, Duration::zero()));
    regime_.on_running(age_s / c.mean_service_s, sizes[task.task_class.value()]);
  }
  regime_.end_look();
}

void NodeMeter::look_for_contention(std::size_t task_class, double service_s,
                                    std::uint32_t running_alike) {
  PerClass& own = classes_[task_class];
  if (service_s <= 0) return;
  if (contention_.empty()) contention_.assign(kMaxClasses, new_contention_estimator());
  // A mean of few tasks says nothing of the pace; but as it is of the same tasks, they went at it.
  if (own.completed > kTasksBeforeBlock && own.mean_service_s > 0) {
    own.block_count += 1;
    own.block_services += service_s / own.mean_service_s;
  }
  if (running_alike > 0) contention_[task_class].add(running_alike, std::log(service_s));
  if (++block_size_ < kBlockTasks) return;
  block_size_ = 0;
  ++block_number_;
  double count = kPaceTasks;
  double services = kPaceTasks * (options_.detects_regime ? regime_.slowness() : 1);
  for (const PerClass& c : classes_) {
    count += c.block_count;
    services += c.block_services;
  }
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    const PerClass& c = classes_[i];
    if (c.completed == 0) continue;
    const double pace = (services - c.block_services) / (count - c.block_count);
    contention_[i].close_block(std::log(pace));
    notice_limit(i);
  }
  for (PerClass& c : classes_) {
    if (c.block_count > 0) c.pace += kClassPaceGain * (c.block_services / c.block_count - c.pace);
    c.block_count = c.block_services = 0;
  }
}

std::uint32_t NodeMeter::running_limit(ClassId task_class) const {
  const std::uint32_t found = domain_limit(task_class);
  const std::int32_t offset = classes_[task_class.value()].limit_offset;
  if (found == 0 && offset == 0) return 0;
  const auto limit =
      static_cast<int>(corrected_limit(found, offset, std::ranges::max(domain_sizes_)));
  int sum = 0;
  for (const int size : domain_sizes_) sum += std::min(limit, size);
  return static_cast<std::uint32_t>(sum);
}

std::uint32_t NodeMeter::domain_limit(ClassId task_class) const {
  return contention_.empty() ? 0 : contention_[task_class.value()].limit();
}

std::uint32_t NodeMeter::limit_to_try(ClassId task_class) const {
  return contention_.empty() ? 0 : contention_[task_class.value()].limit_to_try();
}

ContentionReport NodeMeter::contention_report() {
  told_block_ = block_number_;
  ContentionReport report;
  for (std::size_t i = 0; i < contention_.size(); ++i) {
    told_contention_[i] = contention_[i].own();
    if (told_contention_[i].freedom <= 0) continue;
    report.classes.push_back({ClassId(static_cast<std::uint8_t>(i)), told_contention_[i]});
  }
  return report;
}

// What this node has told is in it, as far as it was told in time.
void NodeMeter::on_contention(const ContentionOutlook& outlook) {
  if (!options_.finds_limits) return;
  if (contention_.empty()) contention_.assign(kMaxClasses, new_contention_estimator());
  for (const ClassContention& each : outlook.classes) {
    ContentionSums others = each.sums;
    add(told_contention_[each.task_class.value()], -1, others);
    contention_[each.task_class.value()].borrow(others);
    notice_limit(each.task_class.value());
  }
}

// What tasks of the class took until now they took while too many ran.
void NodeMeter::notice_limit(std::size_t task_class) {
  PerClass& c = classes_[task_class];
  const std::uint32_t limit = contention_[task_class].limit();
  const bool is_much_lower = limit > 0 && (c.limit == 0 || limit < kMuchLower * c.limit);
  if (is_much_lower) c.learned = std::min(c.learned, kTasksBeforeRegime);
  c.limit = limit;
}

bool NodeMeter::changed(Instant now) const {
  if (sequence_ == 0 || ended_ != reported_ended_) return true;
  const ExecutorCounts counts = executor_.counts(now);
  return counts.queued != reported_queued_ || counts.running != reported_running_ ||
         worker_count() != reported_workers_;
}

// What ends first is what is short: a mean of the first ends alone makes a node look faster than
// any. Time of service over ends, the ages of what still runs included, does not: the estimate of
// largest likelihood where sizes are exponential.
double NodeMeter::mean_service_to_tell(std::size_t task_class) const {
  const PerClass& c = classes_[task_class];
  if (!options_.detects_regime) return c.mean_service_s * pace_;
  if (c.learned < kTasksBeforeTelling) return 0;
  const double known = c.mean_service_s * regime_.slowness();
  if (c.learned >= kTasksBeforeRegime) return known;
  return known + c.ages_s / static_cast<double>(c.learned);
}

void NodeMeter::sum_ages(Instant now) {
  const auto is_new = [](const PerClass& c) {
    return c.learned >= kTasksBeforeTelling && c.learned < kTasksBeforeRegime;
  };
  if (!options_.detects_regime || std::ranges::none_of(classes_, is_new)) return;
  for (PerClass& c : classes_) c.ages_s = 0;
  running_.clear();
  executor_.append_running(running_);
  for (const RunningTask& task : running_) {
    const Duration age = std::max(now - task.started, Duration::zero());
    classes_[task.task_class.value()].ages_s += to_seconds(age);
  }
}

std::vector<ClassLoad> NodeMeter::class_loads(const ExecutorLoad& load) const {
  std::vector<ClassLoad> classes(options_.class_count);
  for (int i = 0; i < options_.class_count; ++i) {
    const PerClass& c = classes_[i];
    classes[i] = {load.classes[i].queued,
                  load.classes[i].running,
                  c.arrived,
                  c.completed,
                  mean_service_to_tell(static_cast<std::size_t>(i)),
                  running_limit(ClassId(static_cast<std::uint8_t>(i)))};
  }
  return classes;
}

NodeReport NodeMeter::report(Instant now) {
  sum_ages(now);
  const ExecutorLoad load = executor_.load(now);
  NodeReport report;
  report.node = self_;
  report.sequence = ++sequence_;
  report.made = now;
  report.worker_count = worker_count();
  report.speed = options_.speed;
  const double elapsed_s = to_seconds(now - last_report_) * report.worker_count;
  if (elapsed_s > 0) {
    report.busy_share = std::clamp(to_seconds(load.busy - last_busy_) / elapsed_s, 0.0, 1.0);
  }
  report.classes = class_loads(load);
  report.telemetry = telemetry_.sample(now);
  last_report_ = now;
  last_busy_ = load.busy;
  reported_ended_ = ended_;
  reported_queued_ = load.queued;
  reported_running_ = load.running;
  reported_workers_ = report.worker_count;
  return report;
}

}  // namespace weir
