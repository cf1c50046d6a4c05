#include "ml/training/control/learning_progress.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class LearningProgressTest : public testing::Test {
 protected:
  // What reading says after these rows were written.
  std::string refusal_of(const std::vector<LearningProgress>& rows) {
    RecordWriter record(path, progress_tables(), {}, {}, {.own_thread = false});
    for (const LearningProgress& row : rows) append_progress(row, record, TableIndex(0));
    record.close();
    return refusal([&] { read_progress(RecordReader(path), "file"); });
  }

  ScratchFolder folder;
  const std::filesystem::path path = folder / "progress.h5";
};

TEST_F(LearningProgressTest, ComesBackFromARecord) {
  ASSERT_EQ(refusal_of({{.steps = 7, .own_steps = 5, .updates = 9}}), kNothingRefused);
  const LearningProgress read = read_progress(RecordReader(path), path);
  EXPECT_EQ(read.steps, 7);
  EXPECT_EQ(read.own_steps, 5);
  EXPECT_EQ(read.updates, 9);
}

TEST_F(LearningProgressTest, RefusesWhatIsNotOneRow) {
  const std::string report = refusal_of({});
  EXPECT_NE(report.find("file: progress of 0 rows"), std::string::npos) << report;
  EXPECT_NE(refusal_of({{}, {}}), kNothingRefused);
}

TEST_F(LearningProgressTest, RefusesWhatNoLearnerCanHaveReached) {
  const std::string report = refusal_of({{.steps = 3, .own_steps = 4}});
  EXPECT_NE(report.find("file: 3 steps, 4 own ones"), std::string::npos) << report;
  EXPECT_NE(refusal_of({{.steps = 3, .own_steps = -1}}), kNothingRefused);
  EXPECT_NE(refusal_of({{.updates = -1}}), kNothingRefused);
}

}  // namespace
}  // namespace weir
