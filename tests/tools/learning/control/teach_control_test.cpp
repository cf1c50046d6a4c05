#include "tools/learning/control/teach_control.hpp"

#include <gtest/gtest.h>

#include "ml/inference/learned_capacity.hpp"
#include "ml/inference/learned_limits.hpp"
#include "ml/inference/learned_planner.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TrainingRequest request_for(const ScratchFolder& folder, const std::string& name) {
  return {.kind = "control",
          .preset = "quick",
          .seed = 1,
          .weights = folder / (name + ".h5"),
          .checkpoint = folder / (name + ".checkpoint")};
}

TrainingReply taught(const TrainingRequest& request) {
  return teach_control(request, [](const TrainingProgress&) { return true; });
}

TEST(TeachControl, LeavesTheSameWeightsForTheSameSeed) {
  const ScratchFolder folder;
  const TrainingReply reply = taught(request_for(folder, "one"));
  EXPECT_EQ(reply.curve.rows.size(), 2u);
  EXPECT_NE(reply.summary.find("of"), std::string::npos);
  taught(request_for(folder, "other"));
  const auto one = price_weights_of((folder / "one.h5").string());
  const auto other = price_weights_of((folder / "other.h5").string());
  EXPECT_EQ(one->tensors, other->tensors);
  EXPECT_NO_THROW(price_network_of((folder / "one.h5").string()));
  EXPECT_TRUE(one->provenance.contains("ratios_to_rule"));
}

TEST(TeachControl, TeachesTheSystemLevelToo) {
  const ScratchFolder folder;
  TrainingRequest request = request_for(folder, "capacity");
  request.settings = {{"level", "system"}};
  EXPECT_EQ(taught(request).curve.rows.size(), 2u);
  EXPECT_NE(learned_capacity_of((folder / "capacity.h5").string()), nullptr);
  EXPECT_NE(refusal([&] { price_network_of((folder / "capacity.h5").string()); }), kNothingRefused)
      << "that is of another level";
}

TEST(TeachControl, TeachesTheNodeLevelAndGoesOnWithItBitForBit) {
  const ScratchFolder folder;
  TrainingRequest request = request_for(folder, "whole");
  request.settings = {{"level", "node"}};
  const TrainingReply whole = taught(request);
  ASSERT_EQ(whole.curve.rows.size(), 2u);

  request = request_for(folder, "resumed");
  request.settings = {{"level", "node"}};
  // In the second round: the first one is judged by then.
  const TrainingReply stopped =
      teach_control(request, [](const TrainingProgress& progress) { return progress.done < 6; });
  ASSERT_TRUE(stopped.stopped);
  ASSERT_EQ(stopped.curve.rows.size(), 1u);
  request.resume = true;
  const TrainingReply resumed = taught(request);
  EXPECT_EQ(resumed.curve.rows, whole.curve.rows);
  const auto tensors_of = [&](const char* name) {
    return limit_weights_of((folder / name).string())->tensors;
  };
  EXPECT_EQ(tensors_of("resumed.h5"), tensors_of("whole.h5"));
}

TEST(TeachControl, RefusesPresetsLevelsAndSettingsThatThereAreNot) {
  const ScratchFolder folder;
  TrainingRequest request = request_for(folder, "none");
  request.preset = "huge";
  EXPECT_NE(refusal([&] { taught(request); }).find("--preset huge"), std::string::npos);
  request.preset = "quick";
  request.settings = {{"level", "galaxy"}};
  EXPECT_NE(refusal([&] { taught(request); }).find("--level galaxy"), std::string::npos);
  request.settings = {{"epochs", "3"}};
  EXPECT_NE(refusal([&] { taught(request); }).find("--epochs 3"), std::string::npos);
}

}  // namespace
}  // namespace weir
