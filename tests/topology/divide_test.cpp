#include "topology/divide.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/scratch_folder.hpp"
#include "tests/topology/machine_files.hpp"
#include "topology/discover.hpp"
#include "topology/synthetic.hpp"

namespace weir {
namespace {

int usable_core_count(const Machine& machine) {
  return static_cast<int>(std::ranges::count_if(
      machine.cores, [&](const Core& core) { return core.cpuset.intersects(machine.allowed); }));
}

// Cores of one kind follow each other without a usable core of that kind left out.
void expect_contiguous(const Machine& machine, const NodeShare& share) {
  for (int kind = 0; kind < static_cast<int>(machine.core_kinds.size()); ++kind) {
    std::vector<int> mine;
    for (const WorkerPlace& worker : share.workers) {
      if (worker.kind == kind) mine.push_back(worker.core);
    }
    if (mine.empty()) continue;
    int between = 0;
    for (int core = mine.front(); core <= mine.back(); ++core) {
      between += machine.cores[core].kind == kind &&
                 machine.cores[core].cpuset.intersects(machine.allowed);
    }
    EXPECT_EQ(between, static_cast<int>(mine.size())) << "cores of kind " << kind << " left out";
  }
}

void expect_good_division(const Machine& machine, int parts) {
  SCOPED_TRACE(machine.origin + " in " + std::to_string(parts) + " parts");
  const int core_count = usable_core_count(machine);
  const std::vector<NodeShare> shares = divide(machine, parts);
  ASSERT_EQ(static_cast<int>(shares.size()), parts);
  Cpuset all;
  std::size_t fewest = machine.cores.size();
  std::size_t most = 0;
  std::multiset<int> cores;
  for (const NodeShare& share : shares) {
    ASSERT_FALSE(share.workers.empty());
    Cpuset of_workers;
    for (const WorkerPlace& worker : share.workers) {
      EXPECT_EQ(worker.cpuset, machine.cores[worker.core].cpuset & machine.allowed);
      EXPECT_FALSE(of_workers.intersects(worker.cpuset));
      of_workers = of_workers | worker.cpuset;
      cores.insert(worker.core);
      EXPECT_TRUE(std::ranges::count(share.numa, machine.cores[worker.core].numa) == 1);
    }
    EXPECT_EQ(share.cpuset, of_workers);
    EXPECT_EQ(share.oversubscribed, parts > core_count && share.oversubscribed);
    expect_contiguous(machine, share);
    all = all | share.cpuset;
    fewest = std::min(fewest, share.workers.size());
    most = std::max(most, share.workers.size());
  }
  EXPECT_EQ(all, machine.allowed);
  EXPECT_LE(most - fewest, 1U);
  for (const NodeShare& share : shares) {
    const bool shared = std::ranges::any_of(
        share.workers, [&](const WorkerPlace& worker) { return cores.count(worker.core) > 1; });
    EXPECT_EQ(share.oversubscribed, shared);
  }
  if (parts > core_count) {
    EXPECT_TRUE(std::ranges::any_of(shares, &NodeShare::oversubscribed));
  }
}

void expect_good_divisions(const Machine& machine) {
  const int core_count = usable_core_count(machine);
  for (int parts = 1; parts <= core_count + 3; ++parts) expect_good_division(machine, parts);
}

// How many shares have cores in more than one domain.
int straddling(const std::vector<NodeShare>& shares) {
  return static_cast<int>(
      std::ranges::count_if(shares, [](const NodeShare& share) { return share.numa.size() > 1; }));
}

TEST(Divide, SharesAreWholeCoresOfEvenNumberAndTogetherTheAllowedSet) {
  for (const char* description :
       {"core:1", "core:7 pu:2", "package:2 core:8 pu:2", "package:2 numa:2 l3:2 core:3 pu:2",
        "numa:8 core:5", "numa:3 core:7", "package:4 numa:1 l3:1 core:10",
        "package:2 l3:8 l2:3 core:1 pu:2", "pu:5"}) {
    expect_good_divisions(synthetic_machine(description));
  }
}

TEST(Divide, KeepsItsPromisesOnPartOfAMachine) {
  Machine machine = synthetic_machine("package:2 numa:2 core:6 pu:2");
  for (const char* allowed : {"0", "0-1", "1-47", "0-3,13-20,40", "46-47", "1,3,5,7,9"}) {
    machine.allowed = Cpuset::parse(allowed);
    expect_good_divisions(machine);
  }
}

TEST(Divide, GivesEachDomainToRanksOfItsOwnWhenTheNumbersAllowIt) {
  EXPECT_EQ(straddling(divide(synthetic_machine("numa:2 core:8"), 2)), 0);
  EXPECT_EQ(straddling(divide(synthetic_machine("numa:2 core:8"), 6)), 0);
  EXPECT_EQ(straddling(divide(synthetic_machine("numa:4 core:10"), 12)), 0);
  // 5 + 6 + 5 cores: only the middle rank has to straddle.
  EXPECT_EQ(straddling(divide(synthetic_machine("numa:2 core:8"), 3)), 1);
}

TEST(Divide, PutsOddCoresWhereTheCutsMeetUnevenDomains) {
  Machine machine = synthetic_machine("numa:2 core:8");
  machine.allowed = Cpuset::parse("0-4,8-15");  // 5 and 8 cores; even spacing would cut 6 and 7.
  const std::vector<NodeShare> shares = divide(machine, 5);
  EXPECT_EQ(straddling(shares), 0);
  EXPECT_EQ(shares[0].workers.size() + shares[1].workers.size(), 5U);
}

TEST(Divide, SharesMemoryInProportionToTheCores) {
  const Machine machine = synthetic_machine("numa:2(memory=64GB) core:8");
  const std::vector<NodeShare> four = divide(machine, 4);
  for (const NodeShare& share : four) EXPECT_EQ(share.memory_bytes, 32'000'000'000U);
  EXPECT_EQ(divide(machine, 1)[0].memory_bytes, 128'000'000'000U);
  // Two ranks on each core: half of its part each.
  for (const NodeShare& share : divide(machine, 32)) {
    EXPECT_TRUE(share.oversubscribed);
    EXPECT_EQ(share.memory_bytes, 4'000'000'000U);
  }
}

TEST(Divide, SaysNothingOfMemoryThatTheMachineDoesNotTell) {
  Machine machine = synthetic_machine("core:4");
  machine.numa[0].memory_bytes.reset();
  EXPECT_FALSE(divide(machine, 2)[0].memory_bytes.has_value());
}

// Six fast cores of two PUs, eight slow ones of one.
Machine hybrid_machine() {
  Machine machine = synthetic_machine("core:14 pu:2");
  machine.allowed = Cpuset();
  machine.core_kinds = {{.name = "efficiency", .cpuset = {}},
                        {.name = "performance", .cpuset = {}}};
  for (int i = 0; i < 14; ++i) {
    Core& core = machine.cores[i];
    core.kind = i < 6 ? 1 : 0;
    if (core.kind == 0) core.cpuset = Cpuset{core.cpuset.first()};
    machine.core_kinds[core.kind].cpuset = machine.core_kinds[core.kind].cpuset | core.cpuset;
    machine.allowed = machine.allowed | core.cpuset;
  }
  machine.online = machine.allowed;
  return machine;
}

TEST(Divide, DealsFastAndSlowCoresFairly) {
  const Machine machine = hybrid_machine();
  expect_good_divisions(machine);
  for (int parts = 1; parts <= 14; ++parts) {
    int fewest = 14;
    int most = 0;
    for (const NodeShare& share : divide(machine, parts)) {
      const auto fast = static_cast<int>(std::ranges::count(share.workers, 1, &WorkerPlace::kind));
      fewest = std::min(fewest, fast);
      most = std::max(most, fast);
    }
    EXPECT_LE(most - fewest, 1) << parts << " parts";
  }
}

TEST(Divide, GivesTheSameSharesEveryTime) {
  const Machine machine = synthetic_machine("package:2 numa:2 l3:2 core:3 pu:2");
  const auto once = divide(machine, 7);
  const auto again = divide(machine, 7);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].cpuset, again[i].cpuset);
}

TEST(DivideDeathTest, RefusesNoRanks) {
  EXPECT_DEATH(divide(synthetic_machine("core:2"), 0), "a host has at least one rank");
}

TEST(Divide, DividesEveryRealMachine) {
  const auto files = real_machine_files();
  if (files.empty()) GTEST_SKIP() << "no traces at hand";
  for (const auto& file : files) {
    const Machine machine = load_machine_xml(file);
    expect_good_divisions(machine);
    // One rank per NUMA domain is the usual way to start: none may straddle.
    const int domain_count = static_cast<int>(machine.numa.size());
    EXPECT_EQ(straddling(divide(machine, domain_count)), 0) << file;
  }
}

}  // namespace
}  // namespace weir
