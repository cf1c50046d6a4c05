#include "tools/learning/training_door.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

std::string refused(const std::filesystem::path& module) {
  return refusal([&] {
    train_in_module(module, {.kind = "forecaster"}, [](const TrainingProgress&) { return true; });
  });
}

TEST(TrainingDoor, TellsWhatIsMissingWhereThereIsNoModule) {
  const ScratchFolder folder;
  const std::string report = refused(folder / "none.so");
  EXPECT_NE(report.find("this weir cannot train"), std::string::npos) << report;
  EXPECT_NE(report.find("found   no "), std::string::npos) << report;
  EXPECT_NE(report.find("WEIR_WITH_TORCH=ON"), std::string::npos) << report;
}

TEST(TrainingDoor, RefusesAFileThatIsNoModule) {
  const ScratchFolder folder;
  const std::string report = refused(folder.write("text.so", "no library"));
  EXPECT_NE(report.find("this weir cannot train"), std::string::npos) << report;
  EXPECT_NE(report.find("text.so"), std::string::npos) << report;
}

TEST(TrainingDoor, RefusesALibraryThatTrainsNothing) {
  const std::string report = refused(WEIR_LIBRARY_WITHOUT_TRAINING);
  EXPECT_NE(report.find("this weir cannot train"), std::string::npos) << report;
  EXPECT_NE(report.find("undefined symbol"), std::string::npos) << report;
  EXPECT_NE(report.find(kTrainingEntry), std::string::npos) << report;
}

TEST(TrainingDoor, RefusesANameThatNoFileCanHave) {
  const ScratchFolder folder;
  const std::string report = refused(folder / std::string(300, 'x'));
  EXPECT_NE(report.find("found   no "), std::string::npos) << report;
}

TEST(TrainingDoor, RefusesToLookBesideAProgramThatNobodyKnows) {
  EXPECT_EQ(training_module_path("/a/weir"), std::filesystem::path("/a") / kTrainingModuleName);
  const std::string report = refusal([] { training_module_path(""); });
  EXPECT_NE(report.find("no path of the running program"), std::string::npos) << report;
}

TEST(TrainingDoor, LooksForTheModuleBesideTheProgram) {
  EXPECT_EQ(training_module_path().filename(), kTrainingModuleName);
  EXPECT_TRUE(std::filesystem::exists(training_module_path().parent_path() / "training_door_test"));
}

}  // namespace
}  // namespace weir
