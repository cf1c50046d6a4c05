#include "ml/inference/weight_file.hpp"

#include <gtest/gtest.h>
#include <filesystem>

#include <cmath>
#include <fstream>

#include "runtime/record/record_writer.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class WeightFileTest : public testing::Test {
 protected:
  ScratchFolder folder;
  const std::filesystem::path path = folder / "weights.h5";
  WeightFile weights{
      .kind = "scorer",
      .schema = 3,
      .tensors = {{"0.weight", {{2, 3}, {1, -2, 3.5F, 4, 5, 6e-9F}}}, {"0.bias", {{2}, {0, 1}}}},
      .provenance = {{"seed", std::int64_t{7}}, {"scenario", "combined"}}};
};

TEST_F(WeightFileTest, ReadsWhatItHasWritten) {
  write_weights(weights, path);
  const WeightFile read = read_weights(path, "scorer", 3);
  EXPECT_EQ(read.kind, "scorer");
  EXPECT_EQ(read.schema, 3);
  EXPECT_EQ(read.tensors, weights.tensors);
  EXPECT_EQ(read.provenance, weights.provenance);
}

TEST_F(WeightFileTest, ReplacesAnOlderFileAndLeavesNothingElse) {
  write_weights({.kind = "scorer", .schema = 1}, path);
  write_weights(weights, path);
  EXPECT_EQ(read_weights(path, "scorer", 3).tensors, weights.tensors);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
}

TEST_F(WeightFileTest, RefusesAnotherKindOrSchema) {
  write_weights(weights, path);
  const std::string kind = refusal([&] { read_weights(path, "forecaster", 3); });
  EXPECT_NE(kind.find("weights of a scorer, schema 3"), std::string::npos) << kind;
  EXPECT_NE(kind.find("needed  a forecaster, schema 3"), std::string::npos) << kind;
  EXPECT_NE(refusal([&] { read_weights(path, "scorer", 4); }), kNothingRefused);
}

TEST_F(WeightFileTest, RefusesWhatIsNoFileOfWeights) {
  const auto expect_refused = [&] {
    const std::string report = refusal([&] { read_weights(path, "scorer", 3); });
    EXPECT_TRUE(report.starts_with("the weights cannot be used")) << report;
    EXPECT_NE(report.find("needed  a file of weights"), std::string::npos) << report;
    EXPECT_NE(report.find("weir train"), std::string::npos) << report;
  };
  expect_refused();  // Missing.
  std::ofstream(path) << "no HDF5";
  expect_refused();
  RecordWriter(path, {}, {{"weir_contents", "a run"}}, {}, {.own_thread = false}).close();
  expect_refused();
}

TEST_F(WeightFileTest, RefusesToWriteNumbersThatAreNotFinite) {
  write_weights(weights, path);
  WeightFile diverged = weights;
  diverged.tensors["0.bias"].values[1] = std::nanf("");
  const std::string report = refusal([&] { write_weights(diverged, path); });
  EXPECT_NE(report.find("'0.bias' has a number that is not finite"), std::string::npos) << report;
  EXPECT_EQ(read_weights(path, "scorer", 3).tensors, weights.tensors) << "the older ones remain";
}

TEST_F(WeightFileTest, RefusesNumbersThatAreNotFinite) {
  const Attributes attributes{{"weir_contents", "weights"},
                              {"kind", "scorer"},
                              {"schema", std::int64_t{3}},
                              {"shape.0.bias", "2"}};
  const std::vector<Array> arrays{{"0.bias", std::vector{1.0, std::nan("")}, "a tensor"}};
  RecordWriter(path, {}, attributes, arrays, {.own_thread = false}).close();
  const std::string report = refusal([&] { read_weights(path, "scorer", 3); });
  EXPECT_NE(report.find("'0.bias' has a number that is not finite"), std::string::npos) << report;
}

TEST_F(WeightFileTest, RefusesToWriteWhereThereIsNoPlace) {
  const std::string report =
      refusal([&] { write_weights(weights, folder / "missing" / "weights.h5"); });
  EXPECT_TRUE(report.starts_with("the weights cannot be written")) << report;
  EXPECT_EQ(report.find("--record"), std::string::npos) << report;
}

TEST_F(WeightFileTest, KnowsBeforehandWhereThereIsNoPlace) {
  const auto report_of = [&](const std::filesystem::path& place) {
    return refusal([&] { check_place_of_weights(place); });
  };
  EXPECT_NE(report_of(folder / "missing" / "weights.h5").find("no folder"), std::string::npos);
  EXPECT_NE(report_of(path.parent_path()).find("a folder"), std::string::npos);
  EXPECT_NE(report_of(folder / "").find("a folder"), std::string::npos);
  EXPECT_EQ(report_of(folder / "weights.h5"), kNothingRefused);
  EXPECT_EQ(report_of("weights.h5"), kNothingRefused);
  std::ofstream(folder / "text.h5") << "notes";
  EXPECT_NE(report_of(folder / "text.h5").find("holds no weights"), std::string::npos);
  write_weights(weights, path);
  EXPECT_EQ(report_of(path), kNothingRefused) << "they may be replaced";
}

TEST_F(WeightFileTest, GivesATensorOfTheShapeThatIsNeeded) {
  EXPECT_EQ(tensor_of(weights, "0.bias", {2}, path).values, (std::vector<float>{0, 1}));
  const std::string report = refusal([&] { tensor_of(weights, "0.weight", {3, 2}, path); });
  EXPECT_NE(report.find("'0.weight' of 2x3"), std::string::npos) << report;
  EXPECT_NE(report.find("needed  3x2"), std::string::npos) << report;
  EXPECT_NE(refusal([&] { tensor_of(weights, "1.bias", {2}, path); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
