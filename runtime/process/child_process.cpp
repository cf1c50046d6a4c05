// The child between vfork() and exec runs in the memory of its parent, whose thread waits: it calls
// the kernel, writes two words, and nothing else. All that needs memory is made before. That costs
// a tenth of what fork() costs a rank, which has a lot of memory to copy the tables of.

#include "runtime/process/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/process/child_environment.hpp"
#include "runtime/process/program_path.hpp"

namespace weir {
namespace {

// Those that weir handles or ignores. Handlers would run in the parent's memory before the exec,
// and what is ignored stays so after it.
constexpr std::array kOwnSignals{SIGINT, SIGTERM, SIGUSR1, SIGURG, SIGPIPE, SIGXFSZ};

// All that the child needs, made before it exists.
struct Recipe {
  const char* program;
  char* const* words;
  char* const* script_words;  // for /bin/sh, where the program is a script without a first line
  char* const* environment;
  const char* folder;
  std::array<int, 3> streams;
  pid_t parent;
  std::atomic<pid_t>* place;
  volatile int error;
};

void put_streams(const std::array<int, 3>& streams) {
  for (int i = 0; i < 3; ++i) ::dup2(streams[static_cast<std::size_t>(i)], i);
}

[[noreturn]] void become(Recipe& recipe) {
  recipe.place->store(::getpid());
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != recipe.parent) ::_exit(EXIT_FAILURE);
  for (const int signal : kOwnSignals) ::signal(signal, SIG_DFL);
  put_streams(recipe.streams);
  ::close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  if (*recipe.folder == '\0' || ::chdir(recipe.folder) == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(recipe.program, recipe.words, recipe.environment);
    if (errno == ENOEXEC) ::execve("/bin/sh", recipe.script_words, recipe.environment);
  }
  recipe.error = errno;
  ::_exit(127);
}

// Not inlined, so that no variable of the caller can live in a register that the child changes.
[[gnu::noinline]] pid_t start(Recipe& recipe) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::vfork();
  if (child == 0) become(recipe);
  if (child < 0) recipe.error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return child;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// Its number is its own until it is reaped, so nobody else can be meant by it before.
ChildEnd wait_for(pid_t child, const ChildCare& care) {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  ChildEnd end;
  end.ended_by = care.watch.remove(child);
  ::kill(-child, SIGKILL);
  care.place.store(0);
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.user_time = duration_of(used.ru_utime);
  end.system_time = duration_of(used.ru_stime);
  end.most_resident_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  return end;
}

}  // namespace

ChildEnd run_child(const ChildSpec& spec, const ChildSurroundings& surroundings,
                   const ChildCare& care) {
  WEIR_CHECK(!spec.words.empty(), "a child without a program");
  const ProgramPath program =
      find_program(spec.words.front(), value_in(surroundings.environment, "PATH"));
  if (program.error != 0) return {.start_error = program.error};

  std::vector<char*> words = pointers_to(spec.words);
  std::vector<char*> script_words{const_cast<char*>("sh"), const_cast<char*>(program.file.c_str())};
  script_words.insert(script_words.end(), words.begin() + 1, words.end());
  const std::vector<char*> environment = pointers_to(surroundings.environment);
  Recipe recipe{.program = program.file.c_str(),
                .words = words.data(),
                .script_words = script_words.data(),
                .environment = environment.data(),
                .folder = surroundings.folder.c_str(),
                .streams = {spec.input, spec.output, spec.errors},
                .parent = ::getpid(),
                .place = &care.place,
                .error = 0};
  const pid_t child = start(recipe);
  if (child < 0) return {.start_error = recipe.error};
  care.watch.add(child, spec.time_limit);
  ChildEnd end = wait_for(child, care);
  if (recipe.error != 0) return {.start_error = recipe.error};
  return end;
}

}  // namespace weir
