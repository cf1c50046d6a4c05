#include "ml/inference/weight_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

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
  EXPECT_NE(refusal([&] { read_weights(path, "scorer", 3); }), kNothingRefused) << "missing";
  std::ofstream(path) << "no HDF5";
  const std::string report = refusal([&] { read_weights(path, "scorer", 3); });
  EXPECT_NE(report.find("the weights cannot be used"), std::string::npos) << report;
}

TEST_F(WeightFileTest, RefusesNumbersThatAreNotFinite) {
  weights.tensors["0.bias"].values[1] = std::nanf("");
  write_weights(weights, path);
  const std::string report = refusal([&] { read_weights(path, "scorer", 3); });
  EXPECT_NE(report.find("'0.bias' has a number that is not finite"), std::string::npos) << report;
}

TEST_F(WeightFileTest, RefusesToWriteWhereThereIsNoPlace) {
  EXPECT_NE(refusal([&] { write_weights(weights, folder / "missing" / "weights.h5"); }),
            kNothingRefused);
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
