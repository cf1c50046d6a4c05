#include "ml/inference/price_features.hpp"

#include <algorithm>
#include <cmath>

#include "ml/inference/bounded_feature.hpp"

namespace weir {
namespace {

bool runs_tasks(const NodeReport& report) { return report.sequence > 0 && report.worker_count > 0; }

struct Tasks {
  double queued = 0;
  double running = 0;
  double limited = 0;  // those that run, of classes with a limit
  double arrived = 0;
  double service_s = 0;  // mean over what arrived of classes the node has told of
};

Tasks tasks_at(const NodeReport& report) {
  Tasks all;
  double weighed = 0;
  for (const ClassLoad& load : report.classes) {
    all.queued += load.queued;
    all.running += load.running;
    all.limited += load.limit > 0 ? load.running : 0;
    const auto arrived = static_cast<double>(load.arrived);
    all.arrived += arrived;
    if (load.mean_service_s <= 0) continue;
    all.service_s += arrived * load.mean_service_s;
    weighed += arrived;
  }
  if (weighed > 0) all.service_s /= weighed;
  return all;
}

float at(const std::vector<float>& numbers, std::size_t position) {
  return position < numbers.size() ? numbers[position] : 0;
}

float at(const std::vector<std::vector<float>>& numbers, std::size_t task_class,
         std::size_t position) {
  return task_class < numbers.size() ? at(numbers[task_class], position) : 0;
}

}  // namespace

NodeSetShape PriceFeatures::shape() {
  return {.node_features = kNodePriceFeatures,
          .class_features = kClassPriceFeatures,
          .context_features = kContextPriceFeatures,
          .node_actions = 3};
}

bool PriceFeatures::look(std::span<const NodeReport> reports, const Directive& plan,
                         const std::vector<std::vector<float>>& log_prices, Instant now) {
  if (!measure_means(reports, plan)) return false;
  nodes_.clear();
  classes_.clear();
  told_.resize(reports.size());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (runs_tasks(reports[i])) {
      add_node(reports[i], told_[i], at(plan.prices, i), now);
      add_classes(reports[i], i, plan, log_prices);
    } else {
      nodes_.resize(nodes_.size() + kNodePriceFeatures, 0);
      classes_.resize(classes_.size() + class_count_ * kClassPriceFeatures, 0);
    }
  }
  add_context();
  return true;
}

bool PriceFeatures::measure_means(std::span<const NodeReport> reports, const Directive& plan) {
  class_count_ = 0;
  all_cores_ = 0;
  mean_load_ = 0;
  double count = 0;
  for (const NodeReport& report : reports) {
    if (!runs_tasks(report)) continue;
    const Tasks tasks = tasks_at(report);
    class_count_ = std::max(class_count_, report.classes.size());
    all_cores_ += report.worker_count;
    mean_load_ += (tasks.queued + tasks.running) / report.worker_count;
    ++count;
  }
  if (count == 0 || class_count_ == 0) return false;
  mean_cores_ = all_cores_ / count;
  mean_load_ /= count;
  mean_log_service_.assign(class_count_, 0);
  planned_.assign(class_count_, 0);
  bool is_some_known = false;
  for (std::size_t k = 0; k < class_count_; ++k) {
    double known = 0;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      planned_[k] += at(plan.weights, k, i);
      if (!runs_tasks(reports[i]) || k >= reports[i].classes.size()) continue;
      const double service_s = reports[i].classes[k].mean_service_s;
      if (service_s <= 0) continue;
      mean_log_service_[k] += std::log(service_s);
      ++known;
    }
    if (known == 0) continue;
    mean_log_service_[k] /= known;
    is_some_known = true;
  }
  return is_some_known;
}

void PriceFeatures::add_node(const NodeReport& report, Told& told, double price, Instant now) {
  const Tasks tasks = tasks_at(report);
  const double cores = report.worker_count;
  const double load = (tasks.queued + tasks.running) / cores;
  if (report.made > told.made) {
    const double seconds = to_seconds(report.made - told.made);
    const bool is_first = told.arrived == 0;
    if (!is_first)
      told.offered = (tasks.arrived - told.arrived) * tasks.service_s / seconds / cores;
    told.made = report.made;
    told.arrived = tasks.arrived;
  }
  double slowness = 0;
  double known = 0;
  for (std::size_t k = 0; k < report.classes.size(); ++k) {
    const double service_s = report.classes[k].mean_service_s;
    if (service_s <= 0) continue;
    slowness += std::log(service_s) - mean_log_service_[k];
    ++known;
  }
  const double age_s = std::clamp(to_seconds(now - report.made), 0.0, 1.0);
  const double of_node[kNodePriceFeatures] = {1,
                                              mean_load_ > 0 ? load / mean_load_ - 1 : 0,
                                              std::max(0.0, load - 0.95),
                                              report.busy_share,
                                              tasks.queued / cores,
                                              std::log(cores / mean_cores_),
                                              report.speed - 1,
                                              known > 0 ? slowness / known : 0,
                                              age_s * load,
                                              told.offered - 0.85,
                                              tasks.limited / cores,
                                              price / (1 + price)};
  for (const double feature : of_node) nodes_.push_back(bounded_feature(feature));
}

void PriceFeatures::add_classes(const NodeReport& report, std::size_t position,
                                const Directive& plan,
                                const std::vector<std::vector<float>>& log_prices) {
  const double cores = report.worker_count;
  for (std::size_t k = 0; k < class_count_; ++k) {
    const ClassLoad load = k < report.classes.size() ? report.classes[k] : ClassLoad();
    const bool is_known = load.mean_service_s > 0;
    const double planned = planned_[k] > 0 ? at(plan.weights, k, position) / planned_[k] : 0;
    const double of_class[kClassPriceFeatures] = {
        is_known ? 1.0 : 0.0,
        is_known ? std::log(load.mean_service_s) - mean_log_service_[k] : 0,
        load.running / cores,
        load.queued / cores,
        load.limit > 0 ? double{1} * load.running / load.limit : 0,
        at(log_prices, k, position) / kMostLogPrice,
        0.25 * planned * all_cores_ / cores};
    for (const double feature : of_class) classes_.push_back(bounded_feature(feature));
  }
}

void PriceFeatures::add_context() {
  context_.clear();
  const std::size_t count = nodes_.size() / kNodePriceFeatures;
  for (std::size_t feature = 0; feature < kNodePriceFeatures; ++feature) {
    column_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (is_there(i)) column_.push_back(nodes_[i * kNodePriceFeatures + feature]);
    }
    double sum = 0;
    double squares = 0;
    for (const float number : column_) {
      sum += number;
      squares += double{number} * number;
    }
    const auto size = static_cast<double>(column_.size());
    const double mean = sum / size;
    context_.push_back(bounded_feature(mean));
    context_.push_back(bounded_feature(std::sqrt(std::max(0.0, squares / size - mean * mean))));
    const auto decile = column_.begin() + static_cast<std::ptrdiff_t>(9 * column_.size() / 10);
    std::ranges::nth_element(column_, decile);
    context_.push_back(*decile);
  }
  context_.push_back(bounded_feature(std::log(static_cast<double>(count)) / 5));
  context_.push_back(bounded_feature(static_cast<double>(class_count_) / 8));
}

}  // namespace weir
