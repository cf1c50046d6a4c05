#include "jobs/kernels/windows.hpp"

#include <cmath>
#include <stdexcept>

namespace weir {
namespace {

enum class WindowKind : std::uint32_t { kFinance = 0x31464557, kSocial, kSensor };

void encode_start(WindowKind kind, std::uint32_t work_units, ByteWriter& out) {
  out.number(kind);
  out.number(work_units);
}

std::uint32_t decode_start(WindowKind kind, ByteReader& in) {
  if (in.number<WindowKind>() != kind) {
    throw std::runtime_error("the payload is a window of another kind");
  }
  const auto work_units = in.number<std::uint32_t>();
  if (!in.ok() || work_units == 0 || work_units > kMaxWorkUnits) {
    throw std::runtime_error("the payload asks for no work or too much");
  }
  return work_units;
}

// The number of entries, each of `entry_bytes`, that must fill the rest of the payload.
std::size_t decode_entry_count(ByteReader& in, std::size_t entry_bytes, std::size_t least) {
  const std::size_t count = in.number<std::uint32_t>();
  if (!in.ok() || count < least || count > kMaxWindowEntries ||
      in.remaining() != count * entry_bytes) {
    throw std::runtime_error("the payload is too short, too long or too small a window");
  }
  return count;
}

constexpr std::size_t kUpdateBytes = 3 * sizeof(std::int64_t) + 2 * sizeof(std::int32_t);
// Results are millionths in 64 bits; both bounds keep them far from overflow.
constexpr std::int64_t kLargestPrice = 1'000'000'000'000'000;
constexpr float kLargestSample = 1e12F;

}  // namespace

void encode(const FinanceWindow& window, Bytes& out) {
  out.reserve(out.size() + 20 + window.updates.size() * kUpdateBytes);
  ByteWriter writer(out);
  encode_start(WindowKind::kFinance, window.work_units, writer);
  writer.number(window.seed);
  writer.number(static_cast<std::uint32_t>(window.updates.size()));
  for (const BookUpdate& update : window.updates) {
    writer.number(update.at_ns);
    writer.number(update.bid);
    writer.number(update.ask);
    writer.number(update.bid_size);
    writer.number(update.ask_size);
  }
}

void encode(const SocialWindow& window, Bytes& out) {
  ByteWriter writer(out);
  encode_start(WindowKind::kSocial, window.work_units, writer);
  writer.text(window.text);
}

void encode(const SensorWindow& window, Bytes& out) {
  ByteWriter writer(out);
  encode_start(WindowKind::kSensor, window.work_units, writer);
  writer.number(window.seed);
  writer.number(static_cast<std::uint32_t>(window.samples.size()));
  writer.raw(window.samples.data(), window.samples.size() * sizeof(float));
}

FinanceWindow decode_finance_window(std::span<const std::byte> payload) {
  ByteReader in(payload);
  FinanceWindow window;
  window.work_units = decode_start(WindowKind::kFinance, in);
  window.seed = in.number<std::uint64_t>();
  window.updates.resize(decode_entry_count(in, kUpdateBytes, 2));
  std::int64_t last_ns = 0;
  for (BookUpdate& update : window.updates) {
    update.at_ns = in.number<std::int64_t>();
    update.bid = in.number<std::int64_t>();
    update.ask = in.number<std::int64_t>();
    update.bid_size = in.number<std::int32_t>();
    update.ask_size = in.number<std::int32_t>();
    if (update.bid <= 0 || update.ask < update.bid || update.ask > kLargestPrice ||
        update.at_ns < last_ns) {
      throw std::runtime_error("the payload holds a book without ordered times and prices");
    }
    last_ns = update.at_ns;
  }
  return window;
}

SocialWindow decode_social_window(std::span<const std::byte> payload) {
  ByteReader in(payload);
  SocialWindow window;
  window.work_units = decode_start(WindowKind::kSocial, in);
  window.text = in.text();
  if (!in.ok() || in.remaining() != 0) throw std::runtime_error("the payload is not one text");
  return window;
}

SensorWindow decode_sensor_window(std::span<const std::byte> payload) {
  ByteReader in(payload);
  SensorWindow window;
  window.work_units = decode_start(WindowKind::kSensor, in);
  window.seed = in.number<std::uint64_t>();
  window.samples.resize(decode_entry_count(in, sizeof(float), 4));
  in.raw(window.samples.data(), window.samples.size() * sizeof(float));
  for (const float sample : window.samples) {
    // Written so that a NaN fails too.
    if (!(std::abs(sample) <= kLargestSample)) {
      throw std::runtime_error("the payload holds a sample that is no number or too large");
    }
  }
  return window;
}

}  // namespace weir
