#include "tools/launch/reach_command.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr int kSignalBase = 128;
constexpr int kNotStarted = 127;

// Runs in the child.
[[noreturn]] void become(const std::vector<std::string>& words) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::vector<char*> texts;
  for (const std::string& word : words) texts.push_back(const_cast<char*>(word.c_str()));
  texts.push_back(nullptr);
  ::execvp(texts.front(), texts.data());
  std::cerr << "weir-reach: cannot run " << words.front() << ": " << std::strerror(errno)
            << std::endl;
  ::_exit(kNotStarted);
}

}  // namespace

int reach_command(const std::vector<std::string>& words) {
  if (words.empty()) {
    throw Error("there is no program to reach a host by", "nothing after reach",
                "a program such as ssh, a host and a command",
                "weir launch --hosts, which does it by itself");
  }
  // ssh does not see that a host is gone; nobody is to wait for it when mpirun has ended.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto began = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) {
    throw Error("hosts cannot be reached", std::strerror(errno), "one more process",
                "raising the limit of processes (ulimit -u)");
  }
  if (child == 0) become(words);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (std::chrono::steady_clock::now() - began > kLongestReach) return 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

}  // namespace weir
