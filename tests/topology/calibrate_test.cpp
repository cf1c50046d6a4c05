#include "topology/calibrate.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch_folder.hpp"
#include "topology/synthetic.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

Machine machine_named(const std::string& host, const std::string& model) {
  Machine machine = synthetic_machine("core:1");
  machine.host = host;
  machine.packages[0].model = model;
  return machine;
}

CalibrationOptions quick(const std::filesystem::path& folder) {
  return {.cache_folder = folder,
          .core_time = 2ms,
          .memory_time = 2ms,
          .min_array_bytes = 1 << 16,
          .max_array_bytes = 1 << 16};
}

std::filesystem::path only_file_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  EXPECT_EQ(files.size(), 1U);
  return files.at(0);
}

TEST(Calibrate, MeasuresOnceAndThenRemembers) {
  const ScratchFolder folder;
  const Machine machine = machine_named("n1", "Test Processor");
  const CalibrationOptions options = quick(folder.path() / "made" / "on the way");
  EXPECT_FALSE(cached_calibration(machine, options).has_value());
  const Calibration measured = calibrate(machine, options);
  EXPECT_FALSE(measured.from_cache);
  EXPECT_GT(measured.core_events_per_s, 0);
  EXPECT_GT(measured.memory_bytes_per_s, 0);
  const Calibration remembered = calibrate(machine, options);
  EXPECT_TRUE(remembered.from_cache);
  EXPECT_DOUBLE_EQ(remembered.core_events_per_s, measured.core_events_per_s);
  EXPECT_DOUBLE_EQ(remembered.memory_bytes_per_s, measured.memory_bytes_per_s);
}

TEST(Calibrate, KeepsHostsApart) {
  const ScratchFolder folder;
  calibrate(machine_named("n1", "A"), quick(folder.path()));
  EXPECT_FALSE(calibrate(machine_named("n2", "A"), quick(folder.path())).from_cache);
  EXPECT_TRUE(calibrate(machine_named("n1", "A"), quick(folder.path())).from_cache);
}

TEST(Calibrate, MeasuresAgainOnAnotherProcessor) {
  const ScratchFolder folder;
  calibrate(machine_named("n1", "A"), quick(folder.path()));
  EXPECT_FALSE(calibrate(machine_named("n1", "B"), quick(folder.path())).from_cache);
  EXPECT_TRUE(calibrate(machine_named("n1", "B"), quick(folder.path())).from_cache);
}

TEST(Calibrate, IgnoresAndRewritesABrokenOrForeignCache) {
  const ScratchFolder folder;
  const Machine machine = machine_named("n1", "A");
  calibrate(machine, quick(folder.path()));
  const auto file = only_file_in(folder.path());
  const std::string good = text_of_file(file);
  std::string other_version = good;
  other_version.replace(other_version.find("calibration 1"), 13, "calibration 0");
  for (const std::string& bad :
       {std::string(), good.substr(0, good.size() / 2), other_version, std::string("\0\xff", 2),
        good.substr(0, good.find("core_events_per_s")) +
            "core_events_per_s nan\nmemory_bytes_per_s 1\n",
        good.substr(0, good.find("core_events_per_s")) +
            "core_events_per_s -5\nmemory_bytes_per_s 1\n"}) {
    std::ofstream(file, std::ios::binary) << bad;
    EXPECT_FALSE(calibrate(machine, quick(folder.path())).from_cache) << bad;
    EXPECT_TRUE(calibrate(machine, quick(folder.path())).from_cache) << "not rewritten";
  }
}

TEST(Calibrate, WorksWhereNoCacheCanBeWritten) {
  const ScratchFolder folder;
  const auto in_the_way = folder.write("file", "not a folder");
  const Calibration result = calibrate(machine_named("n1", "A"), quick(in_the_way / "below"));
  EXPECT_FALSE(result.from_cache);
  EXPECT_GT(result.core_events_per_s, 0);
  EXPECT_EQ(text_of_file(in_the_way), "not a folder");
  EXPECT_FALSE(calibrate(machine_named("n1", "A"), quick("")).from_cache);
}

TEST(Calibrate, LeavesNoDraftBehind) {
  const ScratchFolder folder;
  calibrate(machine_named("rack/1", "A"), quick(folder.path()));
  EXPECT_TRUE(std::filesystem::is_regular_file(only_file_in(folder.path())));
}

TEST(Calibrate, CachesWhereTheDesktopSpecificationSays) {
  setenv("XDG_CACHE_HOME", "/x/cache", 1);
  EXPECT_EQ(default_cache_folder(), "/x/cache/weir");
  setenv("XDG_CACHE_HOME", "relative", 1);
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(default_cache_folder(), "/home/me/.cache/weir");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_TRUE(default_cache_folder().empty());
}

}  // namespace
}  // namespace weir
