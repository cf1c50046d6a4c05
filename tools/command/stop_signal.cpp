#include "tools/command/stop_signal.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <utility>

namespace weir {
namespace {

// A signal handler reaches nothing but globals; these belong to the one StopSignal.
std::atomic<bool> g_requested{false};
std::atomic<bool> g_requested_twice{false};
std::atomic<bool> g_remembers_second{false};
std::atomic<bool> g_pause_requested{false};
std::atomic<bool> g_usr1_pauses{false};
std::function<void()> g_on_request;
std::atomic<bool> g_has_on_request{false};

extern "C" void on_stop_signal(int signal) {
  if (signal == SIGUSR1 && g_usr1_pauses) {
    g_pause_requested = true;
  } else if (g_requested.exchange(true) && signal != SIGUSR1 && signal != kStopFromLauncher) {
    if (!g_remembers_second || g_requested_twice.exchange(true)) _exit(128 + signal);
  }
  if (g_has_on_request) g_on_request();
}

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1, kStopFromLauncher};

}  // namespace

StopSignal::StopSignal(const StopHandling& handling) {
  g_requested = false;
  g_requested_twice = false;
  g_pause_requested = false;
  g_remembers_second = handling.second == SecondStop::kIsRemembered;
  g_usr1_pauses = handling.on_usr1 == OnUsr1::kPause;
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

StopSignal::~StopSignal() {
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
  g_has_on_request = false;
  g_on_request = {};
}

bool StopSignal::requested() const { return g_requested; }
bool StopSignal::requested_twice() const { return g_requested_twice; }
bool StopSignal::pause_requested() const { return g_pause_requested; }

void StopSignal::on_request(std::function<void()> call) const {
  g_has_on_request = false;
  g_on_request = std::move(call);
  g_has_on_request = static_cast<bool>(g_on_request);
}

}  // namespace weir
