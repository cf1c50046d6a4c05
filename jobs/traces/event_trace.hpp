// Replays a table of events, one arrival per row.

#pragma once

#include <string>

#include "jobs/stream.hpp"
#include "jobs/streams/synthetic_windows.hpp"
#include "jobs/traces/formats.hpp"
#include "jobs/traces/table.hpp"

namespace weir {

class EventTrace final : public Stream {
 public:
  // `table` is not empty and has its work, links and values set as `windows` needs them.
  EventTrace(std::string name, std::string_view kernel, WindowSource windows, TraceTable table,
             const TraceOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return kernel_; }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override;
  double mean_rate_per_s() const override { return mean_rate_per_s_; }

 private:
  Duration due(std::size_t row) const;
  FinanceWindow price_window(std::uint64_t seed) const;
  SensorWindow sample_window(std::uint64_t seed) const;

  std::string name_;
  std::string_view kernel_;
  WindowSource windows_;
  TraceTable table_;
  TraceOptions options_;
  TextSource texts_;
  double mean_rate_per_s_ = 0;
  std::size_t end_row_ = 0;
  std::size_t next_row_ = 0;
  Arrival last_{};
};

}  // namespace weir
