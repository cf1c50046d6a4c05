#include "jobs/traces/table.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "jobs/kernels/windows.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr double kMessageUnits = 20;
constexpr double kUnitsPerLevel = 0.3;
constexpr double kMeanUnits = 50;
constexpr double kLeastRowUnits = 5;
constexpr double kMostRowUnits = 5000;
// Beyond these a kernel would refuse the window, or sums would overflow.
constexpr double kLargestValue = 1e12;
constexpr double kLargestSize = 1e18;

}  // namespace

void TraceTable::add(const TraceEvent& event, const CsvFile& file) {
  if (!at_ns_.empty() && event.at_ns < at_ns_.back()) {
    file.refuse("a time " +
                    std::to_string(static_cast<double>(at_ns_.back() - event.at_ns) * 1e-9) +
                    " s before that of the line above",
                "times that never go back");
  }
  // A missing value is no number, and passes.
  if (std::abs(event.value) > kLargestValue) {
    file.refuse("a value of " + std::to_string(event.value),
                "values (prices in 1e-4 of the currency) of at most 1e12");
  }
  if (!(event.size <= kLargestSize)) {
    file.refuse("work of " + std::to_string(event.size), "at most 1e18");
  }
  at_ns_.push_back(event.at_ns);
  keys_.push_back(event.key);
  values_.push_back(static_cast<float>(event.value));
  work_.push_back(static_cast<float>(event.size));
}

void TraceTable::set_work(WorkRule rule) {
  if (rule == WorkRule::kLevels) {
    for (float& work : work_) {
      const double levels = std::max(1.0, static_cast<double>(work));
      const double units = kMessageUnits + kUnitsPerLevel * (levels - 1);
      work = static_cast<float>(std::min<double>(units, kMaxWorkUnits));
    }
    return;
  }
  double sum = 0;
  for (const float work : work_) sum += work;
  const double mean = work_.empty() ? 0 : sum / static_cast<double>(work_.size());
  for (float& work : work_) {
    const double units = mean > 0 ? kMeanUnits * work / mean : kMeanUnits;
    work = static_cast<float>(std::clamp(units, kLeastRowUnits, kMostRowUnits));
  }
}

void TraceTable::link_keys() {
  std::unordered_map<std::uint32_t, std::uint32_t> latest;
  previous_.resize(size());
  for (std::uint32_t row = 0; row < size(); ++row) {
    const auto [place, is_new] = latest.try_emplace(keys_[row], row);
    previous_[row] = place->second;
    place->second = row;
  }
}

void TraceTable::fill_values() {
  const auto first_known = std::ranges::find_if(values_, [](float v) { return !std::isnan(v); });
  const float start = first_known == values_.end() ? 0 : *first_known;
  for (std::size_t row = 0; row < size(); ++row) {
    if (!std::isnan(values_[row])) continue;
    const bool linked = !previous_.empty();
    const bool has_before = linked ? previous_[row] != row : row > 0;
    values_[row] = has_before ? values_[linked ? previous_[row] : row - 1] : start;
  }
}

void TraceTable::set_values_to_gaps() {
  WEIR_CHECK(previous_.size() == size(), "gaps asked for before keys were linked");
  for (std::size_t row = 0; row < size(); ++row) {
    values_[row] =
        static_cast<float>(static_cast<double>(at_ns_[row] - at_ns_[previous_[row]]) * 1e-9);
  }
}

}  // namespace weir
