#include "topology/discover.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/topology/machine_files.hpp"
#include "topology/binding.hpp"

namespace weir {
namespace {

// What every machine promises, wherever it comes from.
void expect_whole(const Machine& machine) {
  EXPECT_FALSE(machine.host.empty());
  EXPECT_FALSE(machine.allowed.empty());
  EXPECT_TRUE(machine.online.includes(machine.allowed));
  EXPECT_GE(machine.packages.size(), 1U);
  EXPECT_GE(machine.numa.size(), 1U);
  EXPECT_GE(machine.core_kinds.size(), 1U);
  Cpuset of_cores;
  for (const Core& core : machine.cores) {
    EXPECT_FALSE(of_cores.intersects(core.cpuset)) << "cores share a PU";
    of_cores = of_cores | core.cpuset;
    EXPECT_TRUE(machine.packages.at(core.package).cpuset.includes(core.cpuset));
    EXPECT_TRUE(machine.numa.at(core.numa).cpuset.includes(core.cpuset));
    EXPECT_TRUE(machine.core_kinds.at(core.kind).cpuset.includes(core.cpuset));
    if (core.l3 >= 0) {
      EXPECT_EQ(machine.caches.at(core.l3).level, 3);
    }
  }
  EXPECT_EQ(of_cores, machine.online);
  EXPECT_EQ(machine.pus.size(), static_cast<std::size_t>(machine.online.count()));
  for (const NumaDomain& domain : machine.numa) {
    if (domain.distances.empty()) continue;
    ASSERT_EQ(domain.distances.size(), machine.numa.size());
    const auto own = static_cast<std::size_t>(&domain - machine.numa.data());
    EXPECT_EQ(std::ranges::min(domain.distances), domain.distances[own]);
  }
}

TEST(Discover, DescribesThisHost) {
  const Machine machine = discover_machine();
  expect_whole(machine);
  EXPECT_TRUE(machine.online.includes(binding_of_this_thread()));
}

TEST(Discover, AllowsOnlyWhatTheProcessIsBoundTo) {
  const Cpuset before = binding_of_this_thread();
  const Cpuset one{before.first()};
  ASSERT_TRUE(bind_this_thread(one).done);
  const Machine machine = discover_machine();
  EXPECT_EQ(machine.allowed, one);
  EXPECT_TRUE(machine.online.includes(before));
  EXPECT_TRUE(bind_this_thread(before).done);
}

TEST(Discover, ReadsEveryPartOfAnXmlFile) {
  const ScratchFolder folder;
  const auto file = folder.write("small.xml", small_machine_xml("2.0", "2"));
  const Machine machine = load_machine_xml(file);
  expect_whole(machine);
  EXPECT_EQ(machine.host, "tiny");
  EXPECT_EQ(machine.origin, file.string());
  EXPECT_EQ(machine.online.to_string(), "0-3");
  EXPECT_EQ(machine.allowed.to_string(), "0-2");
  ASSERT_EQ(machine.packages.size(), 2U);
  EXPECT_EQ(machine.packages[1].model, "Test Processor");
  ASSERT_EQ(machine.numa.size(), 2U);
  EXPECT_EQ(machine.numa[1].memory_bytes, std::uint64_t{8} << 30);
  EXPECT_EQ(machine.numa[1].package, 1);
  EXPECT_EQ(machine.numa[1].distances, (std::vector<int>{21, 10}));
  EXPECT_FALSE(machine.numa[1].bandwidth_bytes_per_s.has_value());
  ASSERT_EQ(machine.caches.size(), 2U);
  EXPECT_EQ(machine.caches[0].bytes, std::uint64_t{4} << 20);
  ASSERT_EQ(machine.core_kinds.size(), 2U);
  EXPECT_EQ(machine.core_kinds[0].name, "efficiency");
  EXPECT_EQ(machine.cores.at(2).kind, 1);
  ASSERT_EQ(machine.network_cards.size(), 1U);
  EXPECT_EQ(machine.network_cards[0].name, "eth7");
  EXPECT_EQ(machine.network_cards[0].near.to_string(), "2-3");
  EXPECT_EQ(machine.network_cards[0].numa, std::vector<int>{1});
}

TEST(Discover, ReadsFilesOfHwloc3LikeThoseOfHwloc2) {
  const ScratchFolder folder;
  const Machine old = load_machine_xml(folder.write("a.xml", small_machine_xml("2.0", "3")));
  const Machine recent = load_machine_xml(folder.write("b.xml", small_machine_xml("3.0", "48")));
  ASSERT_EQ(recent.network_cards.size(), 1U);
  EXPECT_EQ(recent.network_cards[0].kind, NetworkCard::Kind::kOpenFabrics);
  EXPECT_EQ(recent.network_cards[0].kind, old.network_cards.at(0).kind);
  EXPECT_EQ(recent.cores.size(), old.cores.size());
  EXPECT_EQ(recent.allowed, old.allowed);
}

TEST(Discover, RefusesAFileThatIsMissingOrNoPlainFile) {
  const ScratchFolder folder;
  EXPECT_THROW(load_machine_xml(folder.path() / "missing.xml"), Error);
  EXPECT_THROW(load_machine_xml(folder.path()), Error);
}

TEST(Discover, RefusesMalformedFilesWithOneErrorAndNothingOnStderr) {
  const ScratchFolder folder;
  const std::string good = small_machine_xml("3.0", "16");
  std::vector<std::string> bad = {"",
                                  "hello",
                                  "<topology version=\"3.0\">",
                                  "<?xml version=\"1.0\"?><other/>",
                                  std::string("\0\xff\x01", 3),
                                  good + "<more/>"};
  for (std::size_t length = 1; length + 20 < good.size(); length += 97) {
    bad.push_back(good.substr(0, length));
  }
  testing::internal::CaptureStderr();
  for (const std::string& text : bad) {
    const auto file = folder.write("bad.xml", text);
    EXPECT_THROW(load_machine_xml(file), Error) << text.size() << " bytes";
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Discover, ReadsEveryRealMachine) {
  const auto files = real_machine_files();
  if (files.empty()) GTEST_SKIP() << "no traces at hand";
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    expect_whole(load_machine_xml(file));
  }
}

TEST(Discover, FindsWhatIsSpecialAboutRealMachines) {
  const auto files = real_machine_files();
  if (files.empty()) GTEST_SKIP() << "no traces at hand";
  const auto load = [&](const std::string& name) {
    return load_machine_xml(files.front().parent_path() / (name + ".xml"));
  };
  const Machine hybrid = load("raptorlake_hybrid");
  ASSERT_EQ(hybrid.core_kinds.size(), 2U);
  EXPECT_EQ(hybrid.core_kinds[1].name, "performance");
  EXPECT_EQ(hybrid.core_kinds[1].cpuset.count(), 12);
  const Machine arm = load("arm_128core_2socket_4numa_clusters");
  EXPECT_EQ(arm.cores.size(), 128U);
  EXPECT_EQ(arm.numa.size(), 4U);
  EXPECT_GE(arm.cores.front().cluster, 0);
  const Machine epyc = load("epyc7451_2socket_nonuma");
  EXPECT_EQ(epyc.packages.size(), 2U);
  EXPECT_EQ(epyc.numa.size(), 1U);
  EXPECT_FALSE(epyc.numa[0].memory_bytes.has_value());
  const Machine xeon = load("xeon_2socket_smt");
  const auto card = std::ranges::find(xeon.network_cards, "mlx5_0", &NetworkCard::name);
  ASSERT_NE(card, xeon.network_cards.end());
  EXPECT_EQ(card->kind, NetworkCard::Kind::kOpenFabrics);
  EXPECT_EQ(card->numa, std::vector<int>{1});
  EXPECT_EQ(load("power8_gpu").network_cards.size(), 0U);
}

}  // namespace
}  // namespace weir
