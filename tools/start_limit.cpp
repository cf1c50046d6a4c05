#include "tools/start_limit.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace weir {
namespace {

// In the handler of a signal: without memory, without locks.
void end_in_vain(int) {
  constexpr std::string_view kText =
      "weir: this rank has waited for the others for ten minutes, and ends\n"
      "  found   one of them has not come; it may have died as it started\n"
      "  needed  all ranks until the run begins\n"
      "  try     the same again\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(EXIT_FAILURE);
}

volatile std::sig_atomic_t code_at_end = 0;

void end_as_meant(int) { ::_exit(code_at_end); }

}  // namespace

void limit_the_end(int exit_code, std::chrono::seconds limit) {
  code_at_end = exit_code;
  std::signal(SIGALRM, end_as_meant);
  ::alarm(static_cast<unsigned>(limit.count()));
}

StartLimit::StartLimit(std::chrono::seconds limit) {
  if (limit.count() == 0) return;
  std::signal(SIGALRM, end_in_vain);
  ::alarm(static_cast<unsigned>(limit.count()));
}

void StartLimit::met() { ::alarm(0); }

}  // namespace weir
