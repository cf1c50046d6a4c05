// Reports of sensors: each has a period and a phase, and every report shifts by a jitter and by the
// delay of a network. A share of the sensors reports in step. The sum is far more regular than
// Poisson on long scales, and bursty where sensors are in step.
//
// Every sensor has one report to come; these wait in a wheel of short time slots, each a linked
// list through the sensors, and a slot is sorted when its time comes: constant cost per report at
// any number of sensors.

#pragma once

#include <string>
#include <vector>

#include "jobs/stream.hpp"
#include "runtime/base/random.hpp"

namespace weir {

class IotStream final : public Stream {
 public:
  // Throws Error for options out of range.
  IotStream(std::string name, const IotOptions& shape, const StreamOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return "iot"; }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override;
  double mean_rate_per_s() const override { return rate_per_s_; }

 private:
  struct Sensor {
    double nominal_s = 0;  // Of the report to come, without jitter and delay.
    double due_s = 0;
    float period_s = 0;
    std::uint32_t next_in_slot = 0;
  };
  struct Report {
    double due_s;
    std::uint32_t sensor;
  };

  void add_sensors(const SensorGroup& group, std::size_t count);
  void schedule(std::uint32_t sensor, double not_before_s);
  void put_in_wheel(std::uint32_t sensor);
  void open_slot();
  double draw_delay();

  std::string name_;
  IotOptions shape_;
  double rate_per_s_ = 0;
  double duration_s_;
  std::uint64_t seed_;
  double work_scale_;
  Random random_;

  std::vector<Sensor> sensors_;
  std::vector<std::uint32_t> slots_;
  double slot_s_ = 0;
  std::uint64_t slot_ = 0;     // The slot whose reports are in ready_.
  std::vector<Report> ready_;  // Latest first.

  std::uint64_t index_ = 0;
  Arrival last_{};
};

}  // namespace weir
