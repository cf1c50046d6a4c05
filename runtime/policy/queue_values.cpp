#include "runtime/policy/queue_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/base/check.hpp"

namespace weir {

double mean_tasks_in_queue(int server_count, double load) {
  const double offered = server_count * load;
  double blocking = 1;  // Erlang B of 0, 1, ... servers
  for (int i = 1; i <= server_count; ++i) blocking = offered * blocking / (i + offered * blocking);
  const double waits = blocking / (1 - load * (1 - blocking));  // Erlang C
  return offered + waits * load / (1 - load);
}

QueueValues::QueueValues(int server_count, double load) {
  WEIR_CHECK(server_count > 0 && load > 0 && load < 1, "a queue without servers or balance");
  const double arrivals = server_count * load;
  const double spare = server_count - arrivals;
  const double mean = mean_tasks_in_queue(server_count, load);
  slope_ = 1 / spare;
  offset_ = (server_count * slope_ - mean) / spare;

  below_.resize(static_cast<std::size_t>(server_count - 1));
  const int middle = std::min(static_cast<int>(arrivals), server_count - 2);
  for (int n = 0; n <= middle; ++n) {
    const double joined_one_less = n == 0 ? 0 : below_[static_cast<std::size_t>(n - 1)];
    below_[static_cast<std::size_t>(n)] = (mean - n + n * joined_one_less) / arrivals;
  }
  double above = slope_ * (server_count - 1) + offset_;
  for (int n = server_count - 2; n > middle; --n) {
    above = (arrivals * above + n + 1 - mean) / (n + 1);
    below_[static_cast<std::size_t>(n)] = above;
  }
}

double QueueValues::cost_of_joining(double n) const {
  const auto whole = static_cast<std::size_t>(std::lround(n));
  return whole < below_.size() ? below_[whole] : slope_ * static_cast<double>(whole) + offset_;
}

}  // namespace weir
