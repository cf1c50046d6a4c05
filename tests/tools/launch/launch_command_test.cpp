// The real mpirun, with this test program in the place of weir: started with "rank" it is a rank.

#include "tools/launch/launch_command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/base/error.hpp"
#include "tools/command/stop_signal.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

// A forked copy of the test that launches two ranks, with a pipe from its stdout and stderr.
class Launched {
 public:
  explicit Launched(Strings rank_arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    launcher_ = ::fork();
    if (launcher_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      Strings arguments = {"-n", "2", "--", "rank"};
      arguments.insert(arguments.end(), rank_arguments.begin(), rank_arguments.end());
      ::_exit(launch_command(arguments));
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~Launched() { ::close(output_); }
  Launched(const Launched&) = delete;
  Launched& operator=(const Launched&) = delete;

  // Reads on until the text has been printed `times` times, or the output has ended.
  bool prints(const std::string& text, int times = 1) {
    while (count(text) < times)
      if (!read_more()) return false;
    return true;
  }
  void signal(int number) const { ::kill(launcher_, number); }
  int exit_code() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(launcher_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::string& text() const { return text_; }

 private:
  int count(const std::string& text) const {
    int found = 0;
    for (std::size_t at = text_.find(text); at != std::string::npos; at = text_.find(text, at + 1))
      ++found;
    return found;
  }
  bool read_more() {
    std::array<char, 4096> buffer{};
    const auto bytes = ::read(output_, buffer.data(), buffer.size());
    if (bytes > 0) text_.append(buffer.data(), static_cast<std::size_t>(bytes));
    return bytes > 0;
  }

  pid_t launcher_ = -1;
  int output_ = -1;
  std::string text_;
};

volatile std::sig_atomic_t stop_requested = 0;

void wait_for_stop() {
  sigset_t before;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, kStopFromLauncher);
  ::sigprocmask(SIG_BLOCK, &stop, &before);
  std::signal(kStopFromLauncher, [](int) { stop_requested = 1; });
  std::puts("ready");
  std::fflush(stdout);
  while (stop_requested == 0) ::sigsuspend(&before);
}

// What a rank does; its arguments follow the word "rank".
int be_rank(const Strings& arguments) {
  const std::string& what = arguments.at(0);
  const char* number = std::getenv("OMPI_COMM_WORLD_RANK");
  const bool last = number != nullptr && std::string(number) == "1";
  if (what == "exit") return std::stoi(arguments.at(1));
  if (what == "crash" && last) ::kill(::getpid(), SIGSEGV);
  if (what == "crash") ::pause();
  if (what == "drain") {
    wait_for_stop();
    std::puts("drained");
    return 130;
  }
  if (what == "hang") {
    wait_for_stop();
    std::puts("hanging");
    std::fflush(stdout);
    for (;;) ::pause();
  }
  if (what == "say") {
    const char* terminal = std::getenv("WEIR_TERMINAL");
    std::printf("terminal=%s %s\n", terminal != nullptr ? terminal : "?", arguments.at(1).c_str());
  }
  return 0;
}

TEST(LaunchCommand, StartsThatManyRanksAndSaysWhetherATerminalIsAttached) {
  Launched launched({"say", "two words"});
  EXPECT_TRUE(launched.prints("terminal=0 two words", 2)) << launched.text();
  EXPECT_EQ(launched.exit_code(), 0) << launched.text();
}

TEST(LaunchCommand, ReturnsTheExitCodeOfTheRanksWithoutAWordOfMpirun) {
  for (const int code : {2, 130, 3}) {
    Launched launched({"exit", std::to_string(code)});
    EXPECT_EQ(launched.exit_code(), code) << launched.text();
    EXPECT_EQ(launched.text().find("mpirun detected"), std::string::npos) << launched.text();
  }
}

TEST(LaunchCommand, EndsAllRanksAndNamesTheSignalWhenOneCrashes) {
  Launched launched({"crash"});
  EXPECT_EQ(launched.exit_code(), 128 + SIGSEGV);
  EXPECT_NE(launched.text().find("a rank was ended by signal 11"), std::string::npos)
      << launched.text();
}

TEST(LaunchCommand, LetsTheRanksDrainAfterCtrlC) {
  Launched launched({"drain"});
  ASSERT_TRUE(launched.prints("ready", 2)) << launched.text();
  launched.signal(SIGINT);
  EXPECT_EQ(launched.exit_code(), 130);
  EXPECT_TRUE(launched.prints("drained", 2)) << launched.text();
}

TEST(LaunchCommand, EndsRanksThatDoNotDrainAtTheSecondCtrlC) {
  Launched launched({"hang"});
  ASSERT_TRUE(launched.prints("ready", 2)) << launched.text();
  launched.signal(SIGINT);
  ASSERT_TRUE(launched.prints("hanging", 2)) << launched.text();
  launched.signal(SIGINT);
  EXPECT_EQ(launched.exit_code(), 130) << launched.text();
}

TEST(LaunchCommand, RefusesToStartWithoutMpirun) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  EXPECT_THROW(launch_command({"-n", "2", "--", "run"}), Error);
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "rank") return weir::be_rank({argv + 2, argv + argc});
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
