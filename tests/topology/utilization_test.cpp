#include "topology/utilization.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch_folder.hpp"
#include "topology/discover.hpp"
#include "topology/synthetic.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

UtilizationRoots roots_of(const ScratchFolder& folder) {
  return {.proc = folder.path() / "proc", .cgroup = folder.path() / "cgroup"};
}

constexpr const char* kMeminfo =
    "MemTotal:       1000 kB\nMemFree:         300 kB\nMemAvailable:    600 kB\nCached:  200 kB\n";

TEST(Utilization, IsTheShareOfTicksThatWereNotIdle) {
  const ScratchFolder folder;
  const Machine machine = synthetic_machine("numa:2 core:2");
  // user nice system idle iowait irq softirq steal guest guest_nice
  folder.write("proc/stat",
               "cpu  0 0 0 0 0 0 0 0 0 0\n"
               "cpu0 100 0 0 100 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
               "cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 5 5 5 5 5 5 5 5 0 0\nintr 1 2 3\n");
  UtilizationSampler sampler(machine, Cpuset{0, 1, 2}, roots_of(folder));
  EXPECT_EQ(sampler.cores(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(sampler.numa(), (std::vector<int>{0, 1}));
  const UtilizationSample first = sampler.sample();
  EXPECT_FALSE(first.busy.has_value());
  EXPECT_EQ(first.busy_per_core, (std::vector<std::optional<double>>(3)));

  folder.write("proc/stat",
               "cpu  0 0 0 0 0 0 0 0 0 0\n"
               "cpu0 110 5 5 175 3 1 1 0 9 9\ncpu1 0 0 0 60 40 0 0 0 0 0\n"
               "cpu2 0 0 50 0 0 0 0 50 0 0\ncpu3 5 5 5 5 5 5 5 105 0 0\nintr 1 2 3\n");
  const UtilizationSample second = sampler.sample();
  EXPECT_DOUBLE_EQ(second.busy_per_core.at(0).value(), 0.22);
  EXPECT_DOUBLE_EQ(second.busy_per_core.at(1).value(), 0.0);
  EXPECT_DOUBLE_EQ(second.busy_per_core.at(2).value(), 0.5);
  EXPECT_DOUBLE_EQ(second.busy.value(), 72.0 / 300.0);
  EXPECT_DOUBLE_EQ(second.stolen.value(), 50.0 / 300.0);
  EXPECT_DOUBLE_EQ(second.busy_per_numa.at(0).value(), 22.0 / 200.0);
  EXPECT_DOUBLE_EQ(second.busy_per_numa.at(1).value(), 50.0 / 200.0);  // PU 3 counts, unlike above.
}

TEST(Utilization, IsAbsentWhenNoTickPassed) {
  const ScratchFolder folder;
  folder.write("proc/stat", "cpu0 1 1 1 1 1 1 1 1 0 0\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  sampler.sample();
  EXPECT_FALSE(sampler.sample().busy.has_value());
}

TEST(Utilization, IsAbsentForAPuThatWentOffline) {
  const ScratchFolder folder;
  folder.write("proc/stat", "cpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\n");
  UtilizationSampler sampler(synthetic_machine("core:2"), Cpuset{0, 1}, roots_of(folder));
  sampler.sample();
  folder.write("proc/stat", "cpu0 10 0 0 0 0 0 0 0\n");
  const UtilizationSample sample = sampler.sample();
  EXPECT_EQ(sample.busy_per_core.at(0), 1.0);
  EXPECT_FALSE(sample.busy_per_core.at(1).has_value());
  EXPECT_EQ(sample.busy, 1.0);
  // Back again: the first sample has nothing to compare with.
  folder.write("proc/stat", "cpu0 20 0 0 0 0 0 0 0\ncpu1 50 0 0 50 0 0 0 0\n");
  EXPECT_FALSE(sampler.sample().busy_per_core.at(1).has_value());
}

TEST(Utilization, SurvivesIdleTimeThatRunsBack) {
  const ScratchFolder folder;
  folder.write("proc/stat", "cpu0 10 0 0 100 50 0 0 0\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  sampler.sample();
  folder.write("proc/stat", "cpu0 30 0 0 100 40 0 0 0\n");
  EXPECT_EQ(sampler.sample().busy, 1.0);
}

TEST(Utilization, TakesMemoryFromTheMachineWithoutALimit) {
  const ScratchFolder folder;
  folder.write("proc/meminfo", kMeminfo);
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  const auto memory = sampler.sample().memory;
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->total_bytes, 1000U * 1024);
  EXPECT_EQ(memory->available_bytes, 600U * 1024);
  EXPECT_EQ(memory->used_bytes(), 400U * 1024);
  EXPECT_FALSE(memory->limited_by_cgroup);
}

TEST(Utilization, TakesTheSmallerOfMachineAndControlGroup) {
  const ScratchFolder folder;
  folder.write("proc/meminfo", kMeminfo);
  folder.write("proc/self/cgroup", "0::/\n");
  folder.write("cgroup/memory.max", "512000\n");
  folder.write("cgroup/memory.current", "500000\n");
  folder.write("cgroup/memory.stat", "inactive_file 88000\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  auto memory = sampler.sample().memory;
  EXPECT_EQ(memory->total_bytes, 512'000U);
  EXPECT_EQ(memory->available_bytes, 100'000U);
  EXPECT_TRUE(memory->limited_by_cgroup);
  // A limit beyond what the machine has is none.
  folder.write("cgroup/memory.max", "99999999999\n");
  memory = sampler.sample().memory;
  EXPECT_EQ(memory->total_bytes, 1000U * 1024);
  EXPECT_FALSE(memory->limited_by_cgroup);
  // The group has room for more than the machine has left.
  folder.write("cgroup/memory.max", "1000000\n");
  folder.write("cgroup/memory.current", "0\n");
  EXPECT_EQ(sampler.sample().memory->available_bytes, 600U * 1024);
}

constexpr const char* kHeading =
    "Inter-|   Receive                            |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes ...\n";

TEST(Utilization, CountsCardsAndKeepsLoopbackApart) {
  const ScratchFolder folder;
  folder.write("proc/net/dev", std::string(kHeading) +
                                   "    lo: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0\n"
                                   "  eth0:1000 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n"
                                   "   ib0: 300 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n"
                                   " bond0:1000 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n"
                                   "eth0.7: 900 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  const auto network = sampler.sample().network;
  ASSERT_TRUE(network.has_value());
  EXPECT_EQ(network->received_bytes, 1300U);
  EXPECT_EQ(network->sent_bytes, 60U);
  EXPECT_EQ(network->loopback_bytes, 500U);
}

TEST(Utilization, CountsVirtualInterfacesWhereThereIsNothingElse) {
  const ScratchFolder folder;
  folder.write("proc/net/dev", std::string(kHeading) +
                                   "    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n"
                                   "  tun0: 70 1 0 0 0 0 0 0 80 1 0 0 0 0 0 0\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  const auto network = sampler.sample().network;
  EXPECT_EQ(network->received_bytes, 70U);
  EXPECT_EQ(network->sent_bytes, 80U);
  EXPECT_EQ(network->loopback_bytes, 5U);
}

TEST(Utilization, ReadsPressure) {
  const ScratchFolder folder;
  folder.write("proc/pressure/cpu",
               "some avg10=12.50 avg60=1.00 avg300=0.10 total=123456\n"
               "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  folder.write("proc/pressure/io", "garbage\n");
  UtilizationSampler sampler(synthetic_machine("core:1"), Cpuset{0}, roots_of(folder));
  const UtilizationSample sample = sampler.sample();
  ASSERT_TRUE(sample.cpu_pressure.has_value());
  EXPECT_DOUBLE_EQ(sample.cpu_pressure->some_share, 0.125);
  EXPECT_EQ(sample.cpu_pressure->some_total, 123456us);
  EXPECT_FALSE(sample.memory_pressure.has_value());
  EXPECT_FALSE(sample.io_pressure.has_value());
}

TEST(Utilization, ReportsAbsentSourcesAsAbsent) {
  const ScratchFolder folder;
  UtilizationSampler sampler(synthetic_machine("core:2"), Cpuset{0, 1}, roots_of(folder));
  sampler.sample();
  const UtilizationSample sample = sampler.sample();
  EXPECT_FALSE(sample.busy.has_value());
  EXPECT_FALSE(sample.stolen.has_value());
  EXPECT_EQ(sample.busy_per_core, (std::vector<std::optional<double>>(2)));
  EXPECT_FALSE(sample.memory.has_value());
  EXPECT_FALSE(sample.network.has_value());
  EXPECT_FALSE(sample.cpu_pressure.has_value());
  EXPECT_FALSE(sample.cgroup_cpu.has_value());
}

TEST(Utilization, SamplesThisHost) {
  const Machine machine = discover_machine();
  UtilizationSampler sampler(machine, machine.allowed);
  const auto ticks_seen = [&] { return sampler.sample().busy; };
  // Until the kernel has counted a tick.
  std::optional<double> busy;
  while (!busy) busy = ticks_seen();
  EXPECT_GE(*busy, 0.0);
  EXPECT_LE(*busy, 1.0);
  const UtilizationSample sample = sampler.sample();
  ASSERT_TRUE(sample.memory.has_value());
  EXPECT_GT(sample.memory->total_bytes, 0U);
  EXPECT_LE(sample.memory->available_bytes, sample.memory->total_bytes);
  EXPECT_TRUE(sample.network.has_value());
}

}  // namespace
}  // namespace weir
