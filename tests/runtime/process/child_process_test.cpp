#include "runtime/process/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <thread>

#include "runtime/process/child_environment.hpp"
#include "runtime/process/output_file.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

class ChildProcessTest : public testing::Test {
 protected:
  ChildEnd run(std::vector<std::string> words, std::optional<Duration> limit = {}) {
    const ChildEnd end = run_child({.words = std::move(words),
                                    .input = nothing_,
                                    .output = output_.descriptor(),
                                    .errors = nothing_,
                                    .time_limit = limit},
                                   surroundings_, {watch_, keeper_.place(0)});
    const Bytes bytes = output_.take(1 << 20, "kept").head;
    printed_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    EXPECT_EQ(keeper_.place(0), 0) << "a child that has ended is still noted";
    return end;
  }
  ChildEnd run_line(const std::string& line, std::optional<Duration> limit = {}) {
    return run({"/bin/sh", "-c", line}, limit);
  }

  // Ends all that `watch` knows once a child has written to the pipe "ready" in its folder.
  std::thread ask_when_ready(ChildWatch& watch) {
    const std::string pipe = folder_ / "ready";
    EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    return std::thread([pipe, &watch] {
      const int ready = ::open(pipe.c_str(), O_RDONLY);
      char byte = 0;
      EXPECT_EQ(::read(ready, &byte, 1), 1);
      ::close(ready);
      watch.end_all();
    });
  }

  const ScratchFolder folder_;
  GroupKeeper keeper_;
  ChildWatch watch_{{.patience = 100ms, .hurried_patience = 100ms}};
  OutputFile output_{folder_.path()};
  ChildSurroundings surroundings_{folder_.path(), own_environment()};
  int nothing_ = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  std::string printed_;
};

TEST_F(ChildProcessTest, SaysHowItEnded) {
  const ChildEnd done = run_line("exit 0");
  EXPECT_EQ(done.start_error, 0);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.signal, 0);
  EXPECT_EQ(done.ended_by, EndedBy::kItself);
  EXPECT_GT(done.most_resident_bytes, 100'000);
  EXPECT_EQ(run_line("exit 77").exit_code, 77);
  EXPECT_EQ(run_line("kill -SEGV $$").signal, SIGSEGV);
}

TEST_F(ChildProcessTest, CountsTheTimeOfWhatItWaitedFor) {
  const ChildEnd end = run_line("sh -c 'n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done'");
  EXPECT_GT(end.user_time + end.system_time, 1ms);
}

TEST_F(ChildProcessTest, GetsItsWordsAsTheyAre) {
  run({"printf", "%s|", "two words", "quote'\"", "new\nline", "$HOME", ""});
  EXPECT_EQ(printed_, "two words|quote'\"|new\nline|$HOME||");
}

TEST_F(ChildProcessTest, RunsInTheFolderAndEnvironmentItIsGiven) {
  surroundings_.environment = {"PATH=/usr/bin:/bin", "ONLY=this"};
  run({"env"});
  EXPECT_EQ(printed_, "PATH=/usr/bin:/bin\nONLY=this\n");
  run({"pwd", "-P"});
  EXPECT_EQ(printed_, std::filesystem::canonical(folder_.path()).string() + "\n");
}

TEST_F(ChildProcessTest, SaysWhyItCouldNotBeStarted) {
  EXPECT_EQ(run({"/no/such/program"}).start_error, ENOENT);
  EXPECT_EQ(run({"no-such-program"}).start_error, ENOENT);
  EXPECT_EQ(run({folder_.write("text", "text").string()}).start_error, EACCES);
  EXPECT_EQ(run({"/bin/true", std::string(200'000, 'x')}).start_error, E2BIG);
  EXPECT_EQ(run({"/bin/true"}).start_error, 0);
}

TEST_F(ChildProcessTest, MayBeAScriptWithoutAFirstLine) {
  const auto script = folder_.write("script", "echo \"$1\" $#\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  EXPECT_EQ(run({script.string(), "a  b", "c"}).exit_code, 0);
  EXPECT_EQ(printed_, "a  b 2\n");
}

TEST_F(ChildProcessTest, LeadsAGroupOfItsOwnThatEndsWithIt) {
  run_line("ps -o pgid= $$; echo $$; sleep 100 & echo $!");
  std::istringstream shown(printed_);
  pid_t group = 0, child = 0, left = 0;
  shown >> group >> child >> left;
  EXPECT_EQ(group, child);
  ASSERT_GT(left, 0);
  // Killed, and then reaped by whoever has inherited it.
  const auto runs = [left] {
    const std::string state = text_of_file("/proc/" + std::to_string(left) + "/stat");
    return !state.empty() && state.find(") Z ") == std::string::npos;
  };
  for (int i = 0; i < 1000 && runs(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(runs());
}

TEST_F(ChildProcessTest, HeedsSignalsThatItsParentIgnoresOrHandles) {
  const auto before_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto before_term = std::signal(SIGTERM, [](int) {});
  EXPECT_EQ(run_line("kill -PIPE $$; echo not reached").signal, SIGPIPE);
  EXPECT_EQ(run_line("kill -TERM $$; echo not reached").signal, SIGTERM);
  EXPECT_EQ(printed_, "");
  std::signal(SIGPIPE, before_pipe);
  std::signal(SIGTERM, before_term);
}

TEST_F(ChildProcessTest, HasNoOtherFilesOfItsParentOpen) {
  const int inherited = ::open("/dev/null", O_RDONLY);  // Not close-on-exec.
  run_line("ls /proc/$$/fd | tr '\\n' ' '");
  EXPECT_EQ(printed_.find(std::to_string(inherited)), std::string::npos) << printed_;
  ::close(inherited);
}

TEST_F(ChildProcessTest, IsEndedAtItsTimeLimit) {
  const ChildEnd end = run_line("sleep 100 & wait; echo not reached", 50ms);
  EXPECT_EQ(end.ended_by, EndedBy::kTimeLimit);
  EXPECT_EQ(end.signal, SIGTERM);
  EXPECT_EQ(printed_, "");
}

TEST_F(ChildProcessTest, IsKilledWhenItDoesNotHeedTheRequest) {
  std::thread asker = ask_when_ready(watch_);
  const ChildEnd end = run_line("trap '' TERM; echo > ready; while :; do sleep 0.01; done");
  asker.join();
  EXPECT_EQ(end.ended_by, EndedBy::kRequest);
  EXPECT_EQ(end.signal, SIGKILL);
}

TEST_F(ChildProcessTest, MayTidyUpWhenItIsToldToEnd) {
  ChildWatch patient({.patience = 1h, .hurried_patience = 1h});
  std::thread asker = ask_when_ready(patient);
  const ChildEnd end =
      run_child({.words = {"/bin/sh", "-c",
                           "trap 'exit 9' TERM; echo > ready; while :; do sleep 0.01; done"}},
                surroundings_, {patient, keeper_.place(0)});
  asker.join();
  EXPECT_EQ(end.ended_by, EndedBy::kRequest);
  EXPECT_EQ(end.exit_code, 9);
}

TEST_F(ChildProcessTest, WithinItsLimitIsLeftAlone) {
  EXPECT_EQ(run_line("exit 3", 100s).ended_by, EndedBy::kItself);
}

// A child of this test's own, which says when it is asked, and does not heed it.
TEST_F(ChildProcessTest, GetsLittleTimeOnceAllAreEnded) {
  ChildWatch patient({.patience = 1h, .hurried_patience = 10ms});
  int asked[2];
  ASSERT_EQ(::pipe(asked), 0);
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  const pid_t child = ::fork();
  if (child == 0) {
    int signal = 0;
    ::sigwait(&term, &signal);
    if (::write(asked[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::setpgid(child, child);
  patient.add(child, 1ms);
  char byte = 0;
  EXPECT_EQ(::read(asked[0], &byte, 1), 1);
  patient.end_all();
  siginfo_t ended{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(patient.remove(child), EndedBy::kTimeLimit);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  ::close(asked[0]);
  ::close(asked[1]);
}

TEST_F(ChildProcessTest, IsEndedWhenThatIsAskedForAndSoIsEveryLaterOne) {
  std::thread asker = ask_when_ready(watch_);
  EXPECT_EQ(run_line("echo > ready; exec sleep 100").ended_by, EndedBy::kRequest);
  asker.join();
  EXPECT_EQ(run_line("exec sleep 100").ended_by, EndedBy::kRequest);
}

}  // namespace
}  // namespace weir
