// What is kept of a trace file: columns of numbers, 20 to 24 bytes per row.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "jobs/traces/csv_file.hpp"

namespace weir {

// What the reader of a format takes from a line.
struct TraceEvent {
  std::int64_t at_ns = 0;
  std::uint32_t key = 0;
  double value = 0;  // Price or sample; NaN where the line has none.
  double size = 1;   // Work in the unit of the format, at least 0.
};

// How sizes become work units.
enum class WorkRule {
  kLevels,        // 20 units per message and 0.3 per price level: as the finance generator.
  kProportional,  // 50 units on average over the file, 5 at least, 5,000 at most.
};

class TraceTable {
 public:
  // Refuses a time before that of the line before, and what is larger than any trace has.
  void add(const TraceEvent& event, const CsvFile& file);

  std::size_t size() const { return at_ns_.size(); }
  // Since the first event.
  std::int64_t at_ns(std::size_t row) const { return at_ns_[row] - at_ns_.front(); }
  std::uint32_t key(std::size_t row) const { return keys_[row]; }
  float value(std::size_t row) const { return values_[row]; }
  // Sizes at first, work units after set_work().
  float work(std::size_t row) const { return work_[row]; }
  // The row before with the same key, or `row` itself. After link_keys().
  std::uint32_t previous(std::size_t row) const { return previous_[row]; }

  void set_work(WorkRule rule);
  void link_keys();
  // Each missing value becomes the one before it (of its key, where keys are linked), and the first
  // ones become the first known; zero if there is none at all.
  void fill_values();
  // Values become the seconds since the event before of the same key. After link_keys().
  void set_values_to_gaps();

 private:
  std::vector<std::int64_t> at_ns_;
  std::vector<std::uint32_t> keys_;
  std::vector<float> values_;
  std::vector<float> work_;
  std::vector<std::uint32_t> previous_;
};

}  // namespace weir
