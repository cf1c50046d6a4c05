#include "tools/run/start_limit.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace weir {
namespace {

volatile std::sig_atomic_t seconds_left = 0;
volatile std::sig_atomic_t tells = 0;

// Of some thousand ranks two are enough, and one may be dead.
bool is_one_of_the_first() {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  return rank == nullptr || std::string_view(rank) == "0" || std::string_view(rank) == "1";
}

// In the handlers of signals: without memory, without locks.
void end_in_vain(int) {
  constexpr std::string_view kText =
      "weir: this rank has waited for the others for ten minutes, and ends\n"
      "  found   one of them has not come; it may have died as it started\n"
      "  needed  all ranks until the run begins\n"
      "  try     the same again\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(EXIT_FAILURE);
}

void tell_of_waiting(int) {
  constexpr std::string_view kText =
      "weir: this rank waits for others that have not come yet; ten minutes after its start it "
      "ends\n";
  if (tells != 0) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  }
  std::signal(SIGALRM, end_in_vain);
  ::alarm(static_cast<unsigned>(seconds_left));
}

volatile std::sig_atomic_t code_at_end = 0;

void end_as_meant(int) { ::_exit(code_at_end); }

}  // namespace

void limit_the_end(int exit_code, std::chrono::seconds limit) {
  code_at_end = exit_code;
  std::signal(SIGALRM, end_as_meant);
  ::alarm(static_cast<unsigned>(limit.count()));
}

StartLimit::StartLimit(std::chrono::seconds limit, std::chrono::seconds quiet) {
  if (limit.count() == 0) return;
  if (quiet < limit) {
    seconds_left = static_cast<int>((limit - quiet).count());
    tells = is_one_of_the_first() ? 1 : 0;
    std::signal(SIGALRM, tell_of_waiting);
    ::alarm(static_cast<unsigned>(quiet.count()));
  } else {
    std::signal(SIGALRM, end_in_vain);
    ::alarm(static_cast<unsigned>(limit.count()));
  }
}

void StartLimit::met() { ::alarm(0); }

}  // namespace weir
