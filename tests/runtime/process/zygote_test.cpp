#include "runtime/process/zygote.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace weir {
namespace {

void say(int socket, const std::string& text) {
  EXPECT_EQ(::write(socket, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

// Until the other end is closed.
std::string heard(int descriptor) {
  std::string text;
  std::array<char, 256> part{};
  for (;;) {
    const ssize_t count = ::read(descriptor, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

char first_byte(int descriptor) {
  char byte = 0;
  EXPECT_EQ(::read(descriptor, &byte, 1), 1);
  return byte;
}

// "0 1 2", of this process.
std::string open_descriptors() {
  std::string all;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (const dirent* const entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name[0] == '.' || name == std::to_string(::dirfd(folder))) continue;
    all += (all.empty() ? "" : " ") + name;
  }
  ::closedir(folder);
  return all;
}

// What a child says, and its status.
struct Answered {
  std::string text;
  int status = -1;
};
Answered answer_of(Zygote& zygote) {
  const ForkedChild child = zygote.fork_child();
  EXPECT_EQ(child.error, 0);
  Answered answered{heard(child.socket)};
  ::close(child.socket);
  answered.status = zygote.reap(child.process).value_or(-1);
  return answered;
}

TEST(Zygote, ForksChildrenThatCanBeTalkedTo) {
  Zygote zygote([](int socket) {
    const char byte = first_byte(socket);
    say(socket, std::string(3, byte));
  });
  const ForkedChild child = zygote.fork_child();
  ASSERT_EQ(child.error, 0);
  say(child.socket, "x");
  EXPECT_EQ(heard(child.socket), "xxx");
  ::close(child.socket);
  EXPECT_EQ(zygote.reap(child.process), 0);
}

TEST(Zygote, SaysHowAChildEnded) {
  Zygote exits([](int) { ::_exit(3); });
  EXPECT_EQ(end_text(answer_of(exits).status), "ended with exit code 3");
  Zygote crashes([](int) {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  });
  EXPECT_EQ(end_text(answer_of(crashes).status), "was ended by signal 11 (Segmentation fault)");
  Zygote throws([](int) { throw 1; });
  EXPECT_EQ(end_text(answer_of(throws).status), "was ended by signal 6 (Aborted)");
}

TEST(Zygote, KillsAChildThatIsToBeReapedAndGoesOn) {
  Zygote zygote([](int socket) { heard(socket); });
  const ForkedChild child = zygote.fork_child();
  EXPECT_EQ(end_text(zygote.reap(child.process).value()), "was ended by signal 9 (Killed)");
  ::close(child.socket);
}

TEST(Zygote, GivesChildrenNothingThatItsProcessHasOpen) {
  const int open_before = ::open("/dev/null", O_RDONLY);
  Zygote zygote([](int socket) { say(socket, open_descriptors()); });
  const int open_after = ::open("/dev/null", O_RDONLY);
  const ForkedChild other = zygote.fork_child();
  EXPECT_EQ(answer_of(zygote).text, "0 1 2 3");
  for (const int descriptor : {open_before, open_after, other.socket}) ::close(descriptor);
}

TEST(Zygote, LetsChildrenHeedNoSignalByWhichRunsAreStopped) {
  Zygote zygote([](int socket) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGURG}) std::raise(signal);
    say(socket, "goes on");
  });
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::kill(zygote.process(), signal);
  EXPECT_EQ(answer_of(zygote).text, "goes on");
}

TEST(Zygote, ServesManyThreads) {
  Zygote zygote([](int socket) { say(socket, std::to_string(::getpid())); });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&zygote] {
      for (int round = 0; round < 25; ++round) {
        const ForkedChild child = zygote.fork_child();
        ASSERT_EQ(child.error, 0);
        EXPECT_EQ(heard(child.socket), std::to_string(child.process));
        ::close(child.socket);
        EXPECT_EQ(zygote.reap(child.process), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Zygote, EndsItsChildrenWithItself) {
  pid_t child = -1;
  {
    Zygote zygote([](int) { ::pause(); });
    const ForkedChild forked = zygote.fork_child();
    child = forked.process;
    ::close(forked.socket);
    EXPECT_EQ(::kill(child, 0), 0);
  }
  EXPECT_EQ(::kill(child, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

// All of them have its standard output: it ends when the last of them has.
TEST(Zygote, EndsWithItsChildrenWhenItsProcessIsKilled) {
  std::array<int, 2> output{};
  ASSERT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
  std::fflush(nullptr);  // What is not written yet would be written there as well.
  const pid_t rank = ::fork();
  if (rank == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    Zygote zygote([](int socket) {
      say(socket, "!");
      ::pause();
    });
    for (int i = 0; i < 3; ++i) first_byte(zygote.fork_child().socket);
    say(STDOUT_FILENO, "r");
    ::pause();
  }
  ::close(output[1]);
  EXPECT_EQ(first_byte(output[0]), 'r');
  ::kill(rank, SIGKILL);
  ::waitpid(rank, nullptr, 0);
  EXPECT_EQ(heard(output[0]), "");
  ::close(output[0]);
}

TEST(Zygote, TakesItsChildrenAlongWhenItIsKilled) {
  Zygote zygote([](int socket) {
    say(socket, "!");
    ::pause();
  });
  const ForkedChild child = zygote.fork_child();
  EXPECT_EQ(first_byte(child.socket), '!');
  ::kill(zygote.process(), SIGKILL);
  EXPECT_EQ(heard(child.socket), "");
  ::close(child.socket);
  EXPECT_EQ(zygote.fork_child().error, ESRCH);
  EXPECT_EQ(zygote.reap(child.process), std::nullopt);
}

}  // namespace
}  // namespace weir
