#include "runtime/process/group_keeper.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <new>
#include <string>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

using Places = std::array<std::atomic<pid_t>, GroupKeeper::kMostGroups>;
static_assert(std::atomic<pid_t>::is_always_lock_free, "the places are shared between processes");

[[noreturn]] void refuse_keeper(const std::string& what) {
  throw Error("the keeper of child processes cannot be started", what + ": " + std::strerror(errno),
              "a process, a pipe and 16 KB of shared memory",
              "raising the limits of processes and open files (ulimit -u, ulimit -n)");
}

void kill_groups(Places& places) {
  for (std::atomic<pid_t>& place : places) {
    if (const pid_t group = place.exchange(0); group > 0) ::kill(-group, SIGKILL);
  }
}

// Nothing that the rank has open stays open here: whoever waits for its output to end must not
// wait for the keeper.
[[noreturn]] void keep(const std::array<int, 2>& pipe_ends, Places& places) {
  ::close(pipe_ends[1]);
  ::setsid();
  ::prctl(PR_SET_NAME, "weir-keeper");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    ::signal(signal, SIG_IGN);
  ::dup2(pipe_ends[0], STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, UINT_MAX, 0);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(nothing, STDERR_FILENO);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
  }
  kill_groups(places);
  ::_exit(0);
}

}  // namespace

GroupKeeper::GroupKeeper() {
  memory_ =
      ::mmap(nullptr, sizeof(Places), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) refuse_keeper("mmap");
  Places& places = *new (memory_) Places{};
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) refuse_keeper("pipe");
  keeper_ = ::fork();
  if (keeper_ < 0) refuse_keeper("fork");
  if (keeper_ == 0) keep(ends, places);
  ::close(ends[0]);
  pipe_ = ends[1];
}

GroupKeeper::~GroupKeeper() {
  ::close(pipe_);
  while (::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::munmap(memory_, sizeof(Places));
}

std::atomic<pid_t>& GroupKeeper::place(int index) {
  WEIR_CHECK(index >= 0 && index < kMostGroups, "more workers than the keeper has places");
  return (*static_cast<Places*>(memory_))[static_cast<std::size_t>(index)];
}

}  // namespace weir
