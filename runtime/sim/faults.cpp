#include "runtime/sim/faults.hpp"

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Parts of what one seed governs.
constexpr std::uint64_t kDelayPart = 0x64656c61;
constexpr std::uint64_t kLossPart = 0x6c6f7373;
constexpr std::uint64_t kCopyPart = 0x636f7079;

bool happens(Random& random, double share) { return share > 0 && random.uniform() < share; }

}  // namespace

MessageFaults::MessageFaults(const FaultOptions& options, std::uint64_t seed)
    : options_(options),
      delays_(mix_bits(seed) ^ kDelayPart),
      losses_(mix_bits(seed) ^ kLossPart),
      copies_(mix_bits(seed) ^ kCopyPart) {
  for (const double share :
       {options.delayed_share, options.lost_report_share, options.duplicated_report_share}) {
    WEIR_CHECK(share >= 0 && share <= 1, "a share of messages is not between 0 and 1");
  }
}

Duration MessageFaults::draw_delay() {
  if (!happens(delays_, options_.delayed_share)) return Duration::zero();
  return from_seconds(delays_.exponential(to_seconds(options_.mean_delay)));
}

int MessageFaults::draw_copies(bool is_report) {
  if (!is_report) return 1;
  if (happens(losses_, options_.lost_report_share)) return 0;
  return happens(copies_, options_.duplicated_report_share) ? 2 : 1;
}

}  // namespace weir
