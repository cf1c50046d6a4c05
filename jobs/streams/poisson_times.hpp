// The tasks of another stream at the times of a Poisson process: what queueing theory assumes, for
// comparison with its formulas.

#pragma once

#include <memory>
#include <string>

#include "jobs/stream.hpp"
#include "runtime/base/random.hpp"

namespace weir {

class PoissonTimes final : public Stream {
 public:
  // `tasks` must not end before `options.duration` has passed in the new times.
  PoissonTimes(std::string name, std::unique_ptr<Stream> tasks, const StreamOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return tasks_->kernel(); }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override { tasks_->append_payload(out); }
  double mean_rate_per_s() const override { return rate_per_s_; }

 private:
  std::string name_;
  std::unique_ptr<Stream> tasks_;
  double rate_per_s_;
  double duration_s_;
  Random random_;
  double at_s_ = 0;
};

}  // namespace weir
