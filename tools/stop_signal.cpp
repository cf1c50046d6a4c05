#include "tools/stop_signal.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <utility>

namespace weir {
namespace {

// A signal handler reaches nothing but globals; these belong to the one StopSignal.
std::atomic<bool> g_requested{false};
std::atomic<bool> g_pause_requested{false};
std::atomic<bool> g_usr1_pauses{false};
std::function<void()> g_on_request;
std::atomic<bool> g_has_on_request{false};

extern "C" void on_stop_signal(int signal) {
  if (signal == SIGUSR1 && g_usr1_pauses) {
    g_pause_requested = true;
  } else if (g_requested.exchange(true) && signal != SIGUSR1 && signal != kStopFromLauncher) {
    _exit(128 + signal);
  }
  if (g_has_on_request) g_on_request();
}

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1, kStopFromLauncher};

}  // namespace

StopSignal::StopSignal(OnUsr1 on_usr1) {
  g_requested = false;
  g_pause_requested = false;
  g_usr1_pauses = on_usr1 == OnUsr1::kPause;
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
bool StopSignal::pause_requested() const { return g_pause_requested; }

void StopSignal::on_request(std::function<void()> call) const {
  g_has_on_request = false;
  g_on_request = std::move(call);
  g_has_on_request = static_cast<bool>(g_on_request);
}

}  // namespace weir
