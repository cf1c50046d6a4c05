#include "tools/learning/held_out_figures.hpp"

#include <gtest/gtest.h>

#include "tests/support/forecaster_weights.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TEST(HeldOutFigures, AreStoredWithTheWeightsAndChangeNothingElse) {
  const ScratchFolder folder;
  const WeightFile before = forecaster_weights(1);
  write_weights(before, folder / "w.h5");
  const auto lines =
      add_held_out_figures(folder / "w.h5", {.seed_count = 1, .bin_count = 720, .rate_per_s = 20});
  EXPECT_EQ(lines.size(), 7u);
  const WeightFile after = read_weights(folder / "w.h5", "forecaster", kForecasterSchema);
  EXPECT_EQ(after.tensors, before.tensors);
  const auto figures = std::get<std::string>(after.provenance.at("held_out.iot"));
  EXPECT_NE(figures.find("best baseline"), std::string::npos) << figures;
  EXPECT_EQ(after.provenance.size(), before.provenance.size() + 7);
}

}  // namespace
}  // namespace weir
