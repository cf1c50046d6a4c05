#include "runtime/session/host_telemetry.hpp"

#include <gtest/gtest.h>

#include "topology/discover.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

void expect_equal(const NodeTelemetry& a, const NodeTelemetry& b) {
  EXPECT_EQ(a.cpu_utilization, b.cpu_utilization);
  EXPECT_EQ(a.memory_used_bytes, b.memory_used_bytes);
  EXPECT_EQ(a.memory_available_bytes, b.memory_available_bytes);
  EXPECT_EQ(a.network_bytes_per_s, b.network_bytes_per_s);
  EXPECT_EQ(a.cpu_pressure, b.cpu_pressure);
}

// Until the kernel's clock ticks of 10 ms have counted some work of this thread.
void compute_for_some_ticks(UtilizationSampler& sampler) {
  // Reading the counters is work too.
  for (std::optional<double> busy; !busy || *busy == 0;) busy = sampler.sample().busy;
}

TEST(HostTelemetry, TellsPlausibleValues) {
  const Machine machine = discover_machine();
  HostTelemetry telemetry(machine, machine.allowed);
  UtilizationSampler sampler(machine, machine.allowed);
  const UtilizationSample truth = sampler.sample();
  const NodeTelemetry first = telemetry.sample(Instant(1s));
  EXPECT_FALSE(first.cpu_utilization) << "there is no time to take a share of yet";
  EXPECT_FALSE(first.network_bytes_per_s) << "one count is no rate";
  EXPECT_EQ(first.memory_used_bytes.has_value(), truth.memory.has_value());
  EXPECT_EQ(first.cpu_pressure.has_value(), truth.cpu_pressure.has_value());

  // The first tick may have come before the telemetry's own first look.
  compute_for_some_ticks(sampler);
  compute_for_some_ticks(sampler);
  const NodeTelemetry second = telemetry.sample(Instant(2s));
  ASSERT_TRUE(second.cpu_utilization);
  EXPECT_GT(*second.cpu_utilization, 0);
  EXPECT_LE(*second.cpu_utilization, 1);
  if (truth.memory) {
    ASSERT_TRUE(second.memory_used_bytes && second.memory_available_bytes);
    EXPECT_GT(*second.memory_used_bytes, 1e6);
    EXPECT_LE(*second.memory_used_bytes + *second.memory_available_bytes,
              1.01 * static_cast<double>(truth.memory->total_bytes));
  }
  EXPECT_EQ(second.network_bytes_per_s.has_value(), truth.network.has_value());
  if (second.network_bytes_per_s) {
    EXPECT_GE(*second.network_bytes_per_s, 0);
  }
  if (second.cpu_pressure) {
    EXPECT_GE(*second.cpu_pressure, 0);
    EXPECT_LE(*second.cpu_pressure, 1);
  }
}

TEST(HostTelemetry, RepeatsItselfWhenAskedTooOften) {
  const Machine machine = discover_machine();
  HostTelemetry telemetry(machine, machine.allowed);
  const NodeTelemetry first = telemetry.sample(Instant(1s));
  UtilizationSampler other(machine, machine.allowed);
  other.sample();
  compute_for_some_ticks(other);
  expect_equal(telemetry.sample(Instant(1s + 249ms)), first);
  EXPECT_TRUE(telemetry.sample(Instant(1s + 250ms)).cpu_utilization);
}

TEST(AbsentTelemetry, TellsNothing) {
  AbsentTelemetry telemetry;
  telemetry.sample(Instant(1s));
  expect_equal(telemetry.sample(Instant(5s)), NodeTelemetry());
}

}  // namespace
}  // namespace weir
