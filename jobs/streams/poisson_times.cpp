#include "jobs/streams/poisson_times.hpp"

#include <utility>

namespace weir {
namespace {

constexpr std::uint64_t kTimesPart = 0x60;

}  // namespace

PoissonTimes::PoissonTimes(std::string name, std::unique_ptr<Stream> tasks,
                           const StreamOptions& options)
    : name_(std::move(name)),
      tasks_(std::move(tasks)),
      rate_per_s_(options.rate_per_s),
      duration_s_(to_seconds(options.duration)),
      random_(options.seed, kTimesPart) {}

bool PoissonTimes::next(Arrival& arrival) {
  at_s_ += random_.exponential(1 / rate_per_s_);
  if (at_s_ >= duration_s_ || !tasks_->next(arrival)) return false;
  arrival.at = from_seconds(at_s_);
  return true;
}

}  // namespace weir
