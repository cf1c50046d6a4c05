#include "tools/learning/training_curves.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/record/record_reader.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

const TrainingCurve kCurve{{"epoch", "training loss", "validation loss"},
                           {{1, 0.5, 0.6}, {2, 0.4, 0.5}, {3, 0.3, 0.55}}};

TEST(TrainingCurves, AreReadBackFromTheirFile) {
  const ScratchFolder folder;
  write_curve(kCurve, folder / "curves.h5");
  const RecordReader file(folder / "curves.h5");
  for (const Array& array : file.arrays()) {
    if (array.name != "validation loss") continue;
    EXPECT_EQ(std::get<std::vector<double>>(array.values), (std::vector{0.6, 0.5, 0.55}));
  }
  EXPECT_EQ(file.arrays().size(), 3u);
}

TEST(TrainingCurves, CannotBeWrittenWhereThereIsNoFolder) {
  const ScratchFolder folder;
  const std::string report = refusal([&] { write_curve(kCurve, folder / "no" / "where.h5"); });
  EXPECT_TRUE(report.starts_with("the training curves cannot be written")) << report;
}

TEST(TrainingCurves, LeaveNoPartOfThemWhereTheyCannotBeWritten) {
  const ScratchFolder folder;
  folder.write("curves.h5/is", "a folder");
  const std::string report = refusal([&] { write_curve(kCurve, folder / "curves.h5"); });
  EXPECT_TRUE(report.starts_with("the training curves cannot be written")) << report;
  EXPECT_EQ(folder.names(), std::vector<std::string>{"curves.h5"});
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(TrainingPicture, HasALineAndANameForEachColumn) {
  const std::string svg = picture_of(kCurve, "Loss < before");
  EXPECT_EQ(count_of(svg, "<path"), 2u);
  EXPECT_EQ(count_of(svg, "validation loss"), 1u);
  EXPECT_EQ(count_of(svg, "epoch"), 1u);
  EXPECT_NE(svg.find("Loss &lt; before"), std::string::npos);
  EXPECT_TRUE(svg.starts_with("<svg"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

// The range of both axes is that of the numbers: the first point lies left, and 0.3 at the bottom.
TEST(TrainingPicture, DrawsTheNumbersWhereTheyBelong) {
  const std::string svg = picture_of(kCurve, "x");
  EXPECT_NE(svg.find("L620 350\""), std::string::npos) << svg;  // 3, 0.3
  EXPECT_NE(svg.find("M70 40 "), std::string::npos) << svg;     // 1, 0.6
}

TEST(TrainingPicture, LeavesAGapForNumbersThatAreNotFinite) {
  TrainingCurve gap = kCurve;
  gap.rows[1][1] = std::nan("");
  const std::string svg = picture_of(gap, "x");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(count_of(svg, " M"), 1u + 2u - 1u + 1u) << "two pieces of one line, one of the other";
}

TEST(TrainingPicture, OfASinglePointHasRoomForIt) {
  const std::string svg = picture_of({{"epoch", "loss"}, {{1, 0.5}}}, "x");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

}  // namespace
}  // namespace weir
