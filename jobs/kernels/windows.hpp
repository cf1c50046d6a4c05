// What the payload of a task holds: the window its kernel works on, self-contained.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/bytes.hpp"

namespace weir {

// A window asks for at most this much work, so that damaged bytes cannot keep a worker for ever.
inline constexpr std::uint32_t kMaxWorkUnits = 1'000'000;
inline constexpr std::size_t kMaxWindowEntries = 65'536;

// The best prices after one message. Prices in 1e-4 of the currency, positive, bid <= ask; times
// not negative.
struct BookUpdate {
  std::int64_t at_ns;
  std::int64_t bid;
  std::int64_t ask;
  std::int32_t bid_size;
  std::int32_t ask_size;

  friend bool operator==(const BookUpdate&, const BookUpdate&) = default;
};

// At least two updates, in time order.
struct FinanceWindow {
  std::uint64_t seed = 0;
  std::uint32_t work_units = 1;
  std::vector<BookUpdate> updates;
};

// Pairs of words counted per work unit. Measured: about 10 us on a core of 2 to 3 GHz.
inline constexpr std::uint64_t kSocialPairsPerUnit = 250;

struct SocialWindow {
  std::uint32_t work_units = 1;
  std::string text;
};

// At least four samples, equally spaced.
struct SensorWindow {
  std::uint64_t seed = 0;
  std::uint32_t work_units = 1;
  std::vector<float> samples;
};

void encode(const FinanceWindow& window, Bytes& out);
void encode(const SocialWindow& window, Bytes& out);
void encode(const SensorWindow& window, Bytes& out);

// Throw std::runtime_error when the bytes are not such a window: the task fails, not the job.
FinanceWindow decode_finance_window(std::span<const std::byte> payload);
SocialWindow decode_social_window(std::span<const std::byte> payload);
SensorWindow decode_sensor_window(std::span<const std::byte> payload);

}  // namespace weir
