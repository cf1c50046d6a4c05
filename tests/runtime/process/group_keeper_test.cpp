#include "runtime/process/group_keeper.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "runtime/process/child_environment.hpp"
#include "runtime/process/child_process.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

bool runs(pid_t pid) {
  const std::string state = text_of_file("/proc/" + std::to_string(pid) + "/stat");
  return !state.empty() && state.find(") Z ") == std::string::npos;
}

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// A shell that has started another process, and both have said who they are.
void run_family(GroupKeeper& keeper, const ScratchFolder& folder) {
  ChildWatch watch;
  run_child(
      {.words = {"/bin/sh", "-c", "sleep 100 & echo $$ $! > pids.new; mv pids.new pids; wait"}},
      {folder.path(), own_environment()}, {watch, keeper.place(7)});
}

struct Family {
  pid_t parent = 0;
  pid_t child = 0;
};

Family family_in(const ScratchFolder& folder) {
  Family family;
  comes_true([&] {
    std::istringstream(text_of_file(folder / "pids")) >> family.parent >> family.child;
    return family.child > 0;
  });
  return family;
}

TEST(GroupKeeper, KillsChildrenAndTheirsWhenTheirRankIsKilled) {
  const ScratchFolder folder;
  const pid_t rank = ::fork();
  if (rank == 0) {
    ::setpgid(0, 0);
    GroupKeeper keeper;
    run_family(keeper, folder);
    ::_exit(0);
  }
  const Family family = family_in(folder);
  ASSERT_TRUE(runs(family.parent) && runs(family.child));
  ::kill(-rank, SIGKILL);  // As mpirun does.
  EXPECT_TRUE(comes_true([&] { return !runs(family.parent) && !runs(family.child); }));
  ::waitpid(rank, nullptr, 0);
}

TEST(GroupKeeper, KillsWhatIsStillNotedAtItsEnd) {
  const ScratchFolder folder;
  auto keeper = std::make_unique<GroupKeeper>();
  const pid_t group = ::fork();
  if (group == 0) {
    ::setpgid(0, 0);
    ::execl("/bin/sleep", "sleep", "100", nullptr);
  }
  ::setpgid(group, group);
  keeper->place(0) = group;
  keeper.reset();
  int status = 0;
  ::waitpid(group, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(GroupKeeper, HoldsNothingOpenThatItsRankHas) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const GroupKeeper keeper;
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "somebody may still write to the pipe";
  ::close(ends[0]);
}

TEST(GroupKeeperDeathTest, HasOnlySoManyPlaces) {
  GroupKeeper keeper;
  EXPECT_EQ(keeper.place(GroupKeeper::kMostGroups - 1), 0);
  EXPECT_DEATH(keeper.place(GroupKeeper::kMostGroups), "more workers than");
}

}  // namespace
}  // namespace weir
