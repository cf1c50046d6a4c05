// One line that keeps a person informed while a run goes on: rate, tasks in flight, response times
// of the last second, and how busy each node is.

#pragma once

#include <ostream>
#include <string>

#include "runtime/base/histogram.hpp"
#include "tools/result/run_reactor.hpp"

namespace weir {

struct ProgressOptions {
  int columns = 100;  // of the terminal; what does not fit is left out
};

class ProgressLine final : public RunObserver {
 public:
  // `response` gets every response time of this rank's home; it is read and cleared once a second.
  // `out` is a terminal, or was forced to be taken for one. Both outlive the line.
  ProgressLine(const ProgressOptions& options, DurationHistogram& response, std::ostream& out);
  // Clears the line.
  ~ProgressLine() override;

  Duration interval() const override { return std::chrono::milliseconds(200); }
  void observe(const NodeAgent& agent, Instant now) override;

 private:
  std::string line(const NodeAgent& agent, Instant now);

  ProgressOptions options_;
  DurationHistogram& response_;
  std::ostream& out_;
  Instant second_began_{};
  double completed_before_ = 0;
  double rate_per_s_ = 0;
  Duration p50_{0};
  Duration p99_{0};
};

}  // namespace weir
