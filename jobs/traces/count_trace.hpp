// Replays counts per bin of time: the k events of a bin lie at k uniform times inside it.

#pragma once

#include <string>
#include <vector>

#include "jobs/stream.hpp"
#include "jobs/streams/synthetic_windows.hpp"
#include "jobs/streams/zipf.hpp"

namespace weir {

class CountTrace final : public Stream {
 public:
  // The counts have a positive sum. `kernel` is "social" or "iot".
  CountTrace(std::string name, std::string_view kernel, std::vector<std::uint32_t> counts,
             Duration bin, const TraceOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return kernel_; }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override;
  double mean_rate_per_s() const override { return mean_rate_per_s_; }

 private:
  double next_time_s();

  std::string name_;
  std::string_view kernel_;
  std::vector<std::uint32_t> counts_;
  double bin_s_;
  TraceOptions options_;
  double mean_rate_per_s_ = 0;
  Random random_;
  Zipf keys_;
  TextSource texts_;

  std::size_t bin_ = 0;
  std::uint32_t done_in_bin_ = 0;
  double place_in_bin_ = 0;  // Of the last event, 0 to 1.
  double first_s_ = 0;
  std::uint64_t index_ = 0;
  Arrival last_{};
};

}  // namespace weir
