#include "tools/learning/recorded_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/learning/placement_samples.hpp"
#include "tools/learning/train_command.hpp"
#include "tools/learning/train_scorer.hpp"
#include "tools/simulate/simulate_command.hpp"

namespace weir {
namespace {

const Settings kWorld{
    {"emulate", "nodes=4x1*4,6x1.3*2;work_ms=20;drift_speed=0.4;drift_good_s=3;drift_slow_s=2"},
    {"stream", "finance:poisson"},
    {"stream", "iot:poisson"},
    {"load", "0.6"},
    {"duration", "12s"},
    {"dispatchers", "2"},
    {"report-interval", "100ms"},
    {"policy", "learned"}};

class RecordedSamples : public testing::Test {
 protected:
  // Simulates with the weights that correct nothing.
  void record(const std::vector<std::string>& more, const Settings& world = kWorld) {
    write_weights(ServiceEstimator().weights(), folder / "none.h5");
    std::ofstream scenario(folder / "world.ini");
    for (const auto& [name, value] : world) scenario << name << " = " << value << '\n';
    scenario.close();
    std::vector<std::string> arguments{(folder / "world.ini").string(), "--record", run.string(),
                                       "--weights", (folder / "none.h5").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::ostringstream out;
    ASSERT_EQ(simulate_command(arguments, out), 0);
  }

  // `weir train scorer --from` that record, into own.h5; what it prints.
  std::string train() {
    std::ostringstream out;
    EXPECT_EQ(train_command({"scorer", "--from", run.string(), "--quiet", "--out",
                             (folder / "own.h5").string()},
                            out, "none.so"),
              0);
    return out.str();
  }
  // Of the last fifth, by which the best epoch was chosen.
  ServiceFitEpoch loss_on_the_rest(const std::filesystem::path& weights) const {
    const std::vector<RecordedSample> all = recorded_samples(RecordReader(run));
    std::vector<ServiceSample> rest;
    for (std::size_t i = all.size() * 4 / 5; i < all.size(); ++i) rest.push_back(all[i].sample);
    ServiceEstimator estimator = service_estimator_of(weights);
    return loss_of(estimator, rest);
  }

  ScratchFolder folder;
  const std::filesystem::path run = folder / "run.h5";
};

// The policy that was asked and the record agree on what was known and on what came of it.
TEST_F(RecordedSamples, AreThoseOfThePolicyItself) {
  record({"--record-placements"});
  const std::vector<RecordedSample> recorded = recorded_samples(RecordReader(run));
  const SampledRun played = sample_run(options_of(kWorld), ServiceEstimator());
  ASSERT_GT(recorded.size(), 5000u);
  EXPECT_NEAR(static_cast<double>(recorded.size()), static_cast<double>(played.samples.size()), 5);

  // In another order: by what a task took over what was told, which is a different number for each.
  std::vector<ServiceSample> one;
  for (const RecordedSample& each : recorded) one.push_back(each.sample);
  std::vector<ServiceSample> other = played.samples;
  std::ranges::sort(one, {}, &ServiceSample::ratio);
  std::ranges::sort(other, {}, &ServiceSample::ratio);
  std::size_t alike = 0;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    bool is_alike = std::abs(one[i].ratio - other[i].ratio) < 1e-4F;
    for (std::size_t k = 0; k < kServiceFeatures; ++k) {
      is_alike = is_alike && std::abs(one[i].features[k] - other[i].features[k]) < 1e-3F;
    }
    alike += is_alike ? 1 : 0;
  }
  EXPECT_GT(static_cast<double>(alike), 0.99 * static_cast<double>(one.size()));
}

TEST_F(RecordedSamples, ComeInTheOrderOfTheirPlacements) {
  record({"--record-placements"});
  EXPECT_TRUE(
      std::ranges::is_sorted(recorded_samples(RecordReader(run)), {}, &RecordedSample::placed_s));
}

TEST_F(RecordedSamples, AreRefusedOfARecordWithoutThem) {
  record({});
  EXPECT_NE(refusal([&] { recorded_samples(RecordReader(run)); }).find("no placements"),
            std::string::npos);
  record({"--record-placements", "--record-share", "0.5"});
  EXPECT_NE(refusal([&] { recorded_samples(RecordReader(run)); }).find("a share of 0.5"),
            std::string::npos);
}

TEST_F(RecordedSamples, TeachAScorerThatIsNoWorseOnTheRestOfTheRun) {
  record({"--record-placements"});
  const std::string said = train();
  EXPECT_NE(said.find("after epoch"), std::string::npos) << said;
  const RecordReader curves(folder / "own.curves.h5");
  ASSERT_FALSE(curves.arrays().empty());
  // Before the first of twenty epochs, and after each.
  EXPECT_EQ(std::get<std::vector<double>>(curves.arrays().front().values).size(), 21u);
  const ServiceFitEpoch after = loss_on_the_rest(folder / "own.h5");
  EXPECT_LT(after.loss, loss_on_the_rest("").loss);
  EXPECT_LT(after.loss, after.told_loss) << "it has learned the slow nodes";
}

// Where nodes say how long a task takes, to correct them is an error, and to learn it is chance.
TEST_F(RecordedSamples, TeachNoScorerThatIsWorseThanNone) {
  Settings world = kWorld;
  replace_setting(world, "emulate", "nodes=4x1*4,6x1.3*2;work_ms=20;size=deterministic");
  record({"--record-placements"}, world);
  const std::string said = train();
  const ServiceFitEpoch after = loss_on_the_rest(folder / "own.h5");
  EXPECT_LE(after.loss, after.told_loss) << said;
  EXPECT_GT(loss_on_the_rest("").loss, after.told_loss) << "or the shipped ones would do";
}

TEST_F(RecordedSamples, TeachNothingWhenStopped) {
  record({"--record-placements"});
  const TrainingRequest request{.kind = kScorerKind,
                                .preset = "shipped",
                                .settings = {{"from", run.string()}},
                                .weights = folder / "own.h5"};
  int asked = 0;
  const TrainingReply reply =
      train_scorer(request, [&asked](const TrainingProgress&) { return ++asked < 3; });
  EXPECT_TRUE(reply.stopped);
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(reply.curve.rows.empty());
  EXPECT_FALSE(std::filesystem::exists(folder / "own.h5"));
}

TEST_F(RecordedSamples, AreNotTakenWithSettingsOfAnotherKind) {
  const TrainingRequest request{.kind = kScorerKind,
                                .preset = "shipped",
                                .settings = {{"from", run.string()}, {"epochs", "3"}},
                                .weights = folder / "own.h5"};
  EXPECT_NE(refusal([&] {
              train_scorer(request, [](const TrainingProgress&) { return true; });
            }).find("--epochs 3"),
            std::string::npos);
}

TEST_F(RecordedSamples, AreNotMixedWithWorlds) {
  const TrainingRequest request{.kind = kScorerKind,
                                .preset = "shipped",
                                .settings = {{"from", "run.h5"}, {"rounds", "2"}},
                                .weights = folder / "own.h5"};
  EXPECT_NE(refusal([&] {
              train_scorer(request, [](const TrainingProgress&) { return true; });
            }).find("from a record or in worlds"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
