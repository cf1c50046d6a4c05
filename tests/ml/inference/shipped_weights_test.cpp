#include "ml/inference/shipped_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/record/record_reader.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

std::vector<char> bytes_of(const std::string& kind) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/ml/weights/" + kind + ".h5",
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ShippedWeights, AreTheFilesByteForByte) {
  for (const std::string kind : {"forecaster", "scorer"}) {
    const std::vector<char> file = bytes_of(kind);
    const auto shipped = shipped_weights(kind);
    ASSERT_FALSE(file.empty()) << kind;
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(file)), shipped)) << kind;
  }
  EXPECT_TRUE(shipped_weights("oracle").empty());
}

TEST(ShippedWeights, AreWhatIsReadWhereNoFileIsNamed) {
  const WeightFile scorer =
      read_or_shipped_weights("", ServiceEstimator::kKind, ServiceEstimator::kSchema);
  const WeightFile of_file = read_weights(std::string(WEIR_SOURCE_DIR) + "/ml/weights/scorer.h5",
                                          ServiceEstimator::kKind, ServiceEstimator::kSchema);
  EXPECT_EQ(scorer.tensors, of_file.tensors);
  EXPECT_EQ(scorer.provenance, of_file.provenance);
  EXPECT_NO_THROW(read_or_shipped_weights("", std::string(kForecasterKind), kForecasterSchema));
}

TEST(ShippedWeights, GiveWayToAFileThatIsNamed) {
  const ScratchFolder folder;
  WeightFile own{.kind = "scorer", .schema = 7, .tensors = {{"w", {{1}, {0.5F}}}}};
  write_weights(own, folder / "own.h5");
  EXPECT_EQ(read_or_shipped_weights(folder / "own.h5", "scorer", 7).tensors, own.tensors);
}

TEST(ShippedWeights, OfAnotherSchemaAreRefused) {
  const std::string refused =
      refusal([] { read_or_shipped_weights("", ServiceEstimator::kKind, 99); });
  EXPECT_NE(refused.find("the scorer that comes with weir"), std::string::npos) << refused;
  EXPECT_NE(refused.find("schema 99"), std::string::npos) << refused;
}

TEST(ShippedWeights, AreNotMistakenForFilesOrForEachOther) {
  const ScratchFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* name : {"image", "image0"}) std::filesystem::create_directory(name);
  const RecordReader scorer("scorer", shipped_weights("scorer"));
  const RecordReader forecaster("forecaster", shipped_weights("forecaster"));
  std::filesystem::current_path(before);
  const auto kind_of = [](const RecordReader& file) {
    return std::get<std::string>(file.attributes().at("kind"));
  };
  EXPECT_EQ(kind_of(scorer), "scorer");
  EXPECT_EQ(kind_of(forecaster), "forecaster");
}

}  // namespace
}  // namespace weir
