#include "tools/run/position_place.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <optional>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/run/run_position.hpp"

namespace weir {
namespace {

TEST(PositionPlace, HoldsAWholePositionAndLeavesNothingElse) {
  const ScratchFolder folder;
  const auto path = folder / "run.position";
  { const PositionPlace looked_at(path); }
  EXPECT_FALSE(std::filesystem::exists(path)) << "looking at the place makes no file";
  EXPECT_FALSE(read_position(path).has_value());
  for (const std::string text : {"first, which is longer", "second"}) {
    PositionPlace(path).write(text);
    EXPECT_EQ(read_position(path), text);
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"run.position"});
}

TEST(PositionPlace, IsRefusedWhereThereCanBeNoFile) {
  const ScratchFolder folder;
  for (const std::filesystem::path& path : {folder / "no/run", folder.path()}) {
    EXPECT_NE(refusal([&] { PositionPlace place(path); }), kNothingRefused) << path;
  }
}

// A file that may not grow further fails as a full disk does.
TEST(PositionPlace, IsRefusedWhereThereIsNoRoom) {
  const ScratchFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string said = refusal([&] { PositionPlace place(folder / "run.position"); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(said.find("cannot be kept"), std::string::npos) << said;
  EXPECT_EQ(folder.names(), std::vector<std::string>{});
}

TEST(PositionPlace, BelongsToOneRunAtATime) {
  const ScratchFolder folder;
  const auto path = folder / "run.position";
  std::optional<PositionPlace> first(path);
  const std::string said = refusal([&] { PositionPlace second(path); });
  EXPECT_NE(said.find("another run"), std::string::npos) << said;
  first->write("first");
  EXPECT_EQ(read_position(path), "first") << "the second one has left the first's file alone";
  first.reset();
  EXPECT_EQ(refusal([&] { PositionPlace second(path); }), kNothingRefused);
}

TEST(PositionPlace, IsTakenOverFromARunThatWasKilled) {
  const ScratchFolder folder;
  const auto path = folder / "run.position";
  folder.write("run.position.new", "a part of a position, and no lock");
  PositionPlace(path).write("whole");
  EXPECT_EQ(read_position(path), "whole");
}

}  // namespace
}  // namespace weir
