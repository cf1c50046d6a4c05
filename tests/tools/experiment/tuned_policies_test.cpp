#include "tools/experiment/tuned_policies.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

const TunedPolicy kPrequal{.policy = "prequal:quantile=0.9",
                           .mean_ms = "112.40",
                           .standard_ms = "113.90",
                           .seeds = "1000000 to 1000003",
                           .budget = "60",
                           .scenario = "8a3f"};

TEST(TunedPolicies, AreReadAsTheyWereWritten) {
  const ScratchFolder folder;
  TunedPolicy stealing = kPrequal;
  stealing.policy = "random+work_stealing";
  const std::map<std::string, TunedPolicy> written{{"prequal", kPrequal},
                                                   {"random+work_stealing", stealing}};
  write_tuned(folder / "stale.ini", written);
  const auto read = read_tuned(folder / "stale.ini");
  ASSERT_EQ(read.size(), 2u);
  const TunedPolicy& found = read.at("prequal");
  EXPECT_EQ(found.policy, "prequal:quantile=0.9");
  EXPECT_EQ(found.mean_ms, "112.40");
  EXPECT_EQ(found.standard_ms, "113.90");
  EXPECT_EQ(found.seeds, "1000000 to 1000003");
  EXPECT_EQ(found.budget, "60");
  EXPECT_EQ(found.scenario, "8a3f");
  EXPECT_EQ(read.at("random+work_stealing").policy, "random+work_stealing");
}

TEST(TunedPolicies, AreNoneWhereThereIsNoFile) {
  const ScratchFolder folder;
  EXPECT_TRUE(read_tuned(folder / "stale.ini").empty());
  EXPECT_FALSE(tuned_policy(folder / "", "stale", "prequal"));
}

TEST(TunedPolicies, AreFoundByTheirScenarioAndTheirNameWithoutParameters) {
  const ScratchFolder folder;
  write_tuned(tuned_file(folder / "", "stale"), {{"prequal", kPrequal}});
  EXPECT_EQ(tuned_policy(folder / "", "stale", "prequal"), "prequal:quantile=0.9");
  EXPECT_FALSE(tuned_policy(folder / "", "fresh", "prequal"));
  EXPECT_FALSE(tuned_policy(folder / "", "stale", "random"));
}

TEST(TunedPolicies, NameTheLineOfAFileThatIsSomethingElse) {
  const ScratchFolder folder;
  const auto file = folder.write("stale.ini", "[prequal]\npolicy = prequal\ncolour = blue\n");
  const std::string report = refusal([&] { read_tuned(file); });
  EXPECT_NE(report.find("prequal.colour"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
