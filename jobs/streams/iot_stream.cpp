#include "jobs/streams/iot_stream.hpp"

#include <algorithm>
#include <cmath>

#include "jobs/streams/synthetic_windows.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr std::uint32_t kNoSensor = 0xffffffff;
constexpr double kMaxSensors = 50e6;
// Short enough that sorting a slot is cheap, long enough that few slots are empty.
constexpr double kReportsPerSlot = 16;
constexpr double kMaxSlots = 1 << 20;
// A window of 256 samples takes 0.2 to 0.8 ms.
constexpr double kLeastWindowUnits = 20;
constexpr std::uint64_t kUnitsSpread = 60;

void check(const IotOptions& shape) {
  double shares = 0;
  bool sound = !shape.groups.empty();
  for (const SensorGroup& group : shape.groups) {
    sound = sound && group.period_s > 0 && group.share_of_rate >= 0;
    shares += group.share_of_rate;
  }
  sound = sound && std::abs(shares - 1) < 1e-6 && shape.jitter >= 0 && shape.jitter <= 0.45 &&
          shape.in_step_share >= 0 && shape.in_step_share <= 1 && shape.delay_mean_s >= 0 &&
          shape.delay_sigma >= 0 && shape.delay_max_s >= 0 && shape.window_samples >= 4 &&
          shape.window_samples <= kMaxWindowEntries;
  if (sound) return;
  throw Error("the iot stream cannot have this shape", "a parameter out of range",
              "positive periods, shares that sum to 1, jitter 0 to 0.45, 4 to 65536 samples",
              "the defaults of IotOptions");
}

}  // namespace

IotStream::IotStream(std::string name, const IotOptions& shape, const StreamOptions& options)
    : name_(std::move(name)),
      shape_((check(shape), shape)),
      duration_s_(to_seconds(options.duration)),
      seed_(options.seed),
      work_scale_(options.work_scale),
      random_(options.seed, 0x107) {
  double longest_s = 0;
  double sensor_count = 0;
  for (const SensorGroup& group : shape_.groups) {
    longest_s = std::max(longest_s, group.period_s);
    sensor_count += options.rate_per_s * group.share_of_rate * group.period_s;
  }
  if (sensor_count > kMaxSensors) {
    throw Error("the iot stream has too many sensors", std::to_string(sensor_count),
                "at most " + std::to_string(kMaxSensors), "a lower rate or shorter periods");
  }
  // The wheel must reach from now to the latest report to come: a period, jitter on both sides, and
  // a delay.
  const double reach_s = longest_s * (1 + 2 * shape_.jitter) + shape_.delay_max_s;
  slot_s_ = std::max(kReportsPerSlot / options.rate_per_s, reach_s / kMaxSlots);
  slots_.assign(static_cast<std::size_t>(reach_s / slot_s_) + 4, kNoSensor);
  sensors_.reserve(static_cast<std::size_t>(sensor_count) + shape_.groups.size());
  for (const SensorGroup& group : shape_.groups) {
    const double wanted = options.rate_per_s * group.share_of_rate * group.period_s;
    add_sensors(group, static_cast<std::size_t>(std::llround(wanted)));
  }
  if (sensors_.empty()) add_sensors(shape_.groups.front(), 1);
  open_slot();
}

void IotStream::add_sensors(const SensorGroup& group, std::size_t count) {
  const auto in_step =
      static_cast<std::size_t>(std::llround(static_cast<double>(count) * shape_.in_step_share));
  for (std::size_t i = 0; i < count; ++i) {
    const auto sensor = static_cast<std::uint32_t>(sensors_.size());
    const double phase = i < in_step ? 0.5 : random_.uniform();
    sensors_.push_back({phase * group.period_s, 0, static_cast<float>(group.period_s), kNoSensor});
    schedule(sensor, 0);
    put_in_wheel(sensor);
  }
  rate_per_s_ += static_cast<double>(count) / group.period_s;
}

double IotStream::draw_delay() {
  if (shape_.delay_mean_s == 0) return 0;
  const double sigma = shape_.delay_sigma;
  const double delay_s =
      shape_.delay_mean_s * std::exp(sigma * random_.normal() - sigma * sigma / 2);
  return std::min(delay_s, shape_.delay_max_s);
}

// A report never overtakes the one before it: both travel on one connection.
void IotStream::schedule(std::uint32_t sensor, double not_before_s) {
  Sensor& s = sensors_[sensor];
  const double shift_s = s.period_s * shape_.jitter * (2 * random_.uniform() - 1);
  s.due_s = std::max(s.nominal_s + shift_s + draw_delay(), not_before_s);
}

void IotStream::put_in_wheel(std::uint32_t sensor) {
  Sensor& s = sensors_[sensor];
  const auto slot = static_cast<std::uint64_t>(s.due_s / slot_s_);
  std::uint32_t& head = slots_[slot % slots_.size()];
  s.next_in_slot = head;
  head = sensor;
}

void IotStream::open_slot() {
  std::uint32_t& head = slots_[slot_ % slots_.size()];
  for (std::uint32_t sensor = head; sensor != kNoSensor; sensor = sensors_[sensor].next_in_slot) {
    ready_.push_back({sensors_[sensor].due_s, sensor});
  }
  head = kNoSensor;
  std::ranges::sort(ready_, [](const Report& a, const Report& b) {
    return a.due_s != b.due_s ? a.due_s > b.due_s : a.sensor > b.sensor;
  });
}

bool IotStream::next(Arrival& arrival) {
  while (ready_.empty()) {
    ++slot_;
    if (static_cast<double>(slot_) * slot_s_ >= duration_s_) return false;
    open_slot();
  }
  const Report report = ready_.back();
  ready_.pop_back();
  if (report.due_s >= duration_s_) return false;

  Sensor& sensor = sensors_[report.sensor];
  sensor.nominal_s += static_cast<double>(sensor.period_s);
  schedule(report.sensor, report.due_s);
  if (static_cast<std::uint64_t>(sensor.due_s / slot_s_) > slot_) {
    put_in_wheel(report.sensor);
  } else {
    // Due again within the slot that is open: it joins the reports that are ready.
    const Report again = {sensor.due_s, report.sensor};
    const auto place =
        std::ranges::lower_bound(ready_, again.due_s, std::greater<>(), &Report::due_s);
    ready_.insert(place, again);
  }

  last_.at = from_seconds(report.due_s);
  last_.index = index_++;
  last_.key = report.sensor;
  const double units = kLeastWindowUnits + static_cast<double>(random_.below(kUnitsSpread + 1));
  last_.work_units = scaled_work(units, work_scale_);
  arrival = last_;
  return true;
}

void IotStream::append_payload(Bytes& out) {
  Random random = payload_random(seed_, last_.index);
  encode(make_sensor_window(random, last_.key, shape_.window_samples, last_.work_units), out);
}

}  // namespace weir
