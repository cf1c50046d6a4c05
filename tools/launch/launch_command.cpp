#include "tools/launch/launch_command.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <random>
#include <sstream>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/launch/launch_plan.hpp"
#include "tools/launch/mpirun_messages.hpp"
#include "tools/launch/pipe_relay.hpp"
#include "tools/run/mpi_start.hpp"
#include "tools/run/run_pause.hpp"
#include "tools/run/survivors_line.hpp"

namespace weir {
namespace {

constexpr int kMostFailedCommands = 101;
constexpr int kSignalBase = 128;  // mpirun returns 128 + n when signal n ended a rank
// Between two forwarded stops.
constexpr timespec kReminder{.tv_sec = 0, .tv_nsec = 500'000'000};
// From asking mpirun to end everything to ending it by force. It gives its ranks a second.
constexpr timespec kPatience{5, 0};
// From the end of a run that has lost ranks: over several hosts mpirun waits for the dead for ever.
constexpr timespec kPatienceWithSurvivors{2, 0};
constexpr int kNoCode = -1;
// Of mpirun, without a word, when a daemon of its is gone.
constexpr int kDaemonLost = 205;

std::string find_mpirun() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = (folder.empty() ? "." : folder) + "/mpirun";
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  throw Error("mpirun is not installed", "none in PATH=" + std::string(path ? path : ""),
              "Open MPI's mpirun", "apt-get install openmpi-bin, or set PATH");
}

std::string own_program() {
  std::array<char, PATH_MAX> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0)
    throw Error("weir cannot find its own program", std::strerror(errno), "/proc/self/exe",
                "mounting /proc");
  return {path.data(), static_cast<std::size_t>(length)};
}

std::optional<int> terminal_columns() {
  if (!::isatty(STDERR_FILENO)) return std::nullopt;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

// That nobody who prints something can know.
std::string new_word() {
  std::random_device chance;
  std::ostringstream word;
  word << "weir-launch-" << std::hex << std::setfill('0');
  for (int i = 0; i < 4; ++i) word << std::setw(8) << chance();
  return word.str();
}

LaunchSurroundings surroundings() {
  LaunchSurroundings found{.mpirun = find_mpirun(),
                           .program = own_program(),
                           .root = ::geteuid() == 0,
                           .word = new_word(),
                           .terminal_columns = terminal_columns(),
                           .environment = {}};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos)
      found.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGCHLD, SIGUSR1})
    sigaddset(&set, signal);
  return set;
}

// Runs in the child. A group of its own: the terminal's Ctrl-C reaches only the launcher, which
// knows what to make of it.
[[noreturn]] void become_mpirun(const LaunchPlan& plan, const sigset_t& old_mask, pid_t launcher,
                                int stdout_end, int stderr_end) {
  ::setpgid(0, 0);
  ::dup2(stdout_end, STDOUT_FILENO);
  ::dup2(stderr_end, STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != launcher) ::_exit(EXIT_FAILURE);
  // Ranks that are still starting would end by it. A run sets a handler when it can heed it.
  if (plan.ignores_usr1) std::signal(SIGUSR1, SIG_IGN);
  ::sigprocmask(SIG_SETMASK, &old_mask, nullptr);
  // A group in the background is stopped when it reads from the terminal.
  if (::isatty(STDIN_FILENO)) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  }
  for (const auto& [name, value] : plan.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : plan.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words.front(), words.data());
  std::cerr << "weir-launch: cannot run " << plan.command.front() << ": " << std::strerror(errno)
            << std::endl;
  ::_exit(127);
}

struct Ending {
  int wait_status = 0;
  bool interrupted = false;
  int output_error = 0;  // errno of a write to stdout
  bool begun = false;    // MPI has started on all ranks
  std::optional<std::string> start_failure;
  std::optional<int> survivors_code;  // of a run that has lost ranks and went on
};

class Launcher {
 public:
  // What ranks print goes through this process, because mpirun does not say when it is lost.
  Launcher(const LaunchPlan& plan, const std::string& word, bool verbose)
      : verbose_(verbose),
        survives_(plan.survives),
        exit_line_(word),
        output_([this](std::string_view text) {
          if (output_error_ == 0) output_error_ = write_all(STDOUT_FILENO, text);
        }),
        errors_([this](std::string_view text) {
          const std::string shown = messages_.pass(text);
          exit_line_.take(text);
          if (survives_ && exit_line_.exit_code() &&
              survivors_code_.exchange(*exit_line_.exit_code()) == kNoCode)
            ::kill(::getpid(), SIGCHLD);  // wait() looks
          write_all(STDERR_FILENO, verbose_ ? text : std::string_view(shown));
        }) {
    signals_ = watched_signals();
    sigset_t blocked = signals_;
    sigaddset(&blocked, SIGPIPE);  // Whoever read our output may go; the run goes on.
    ::sigprocmask(SIG_BLOCK, &blocked, &old_mask_);
    const pid_t self = ::getpid();
    mpirun_ = ::fork();
    if (mpirun_ == 0)
      become_mpirun(plan, old_mask_, self, output_.write_end(), errors_.write_end());
    // Both sides do it, so that it is done whoever runs first.
    if (mpirun_ > 0) ::setpgid(mpirun_, mpirun_);
    if (mpirun_ > 0) output_.start();
    if (mpirun_ > 0) errors_.start();
  }
  ~Launcher() {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    const timespec at_once{};
    ::sigtimedwait(&broken_pipe, nullptr, &at_once);  // One that waits would end this process now.
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  }
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  bool started() const { return mpirun_ > 0; }

  Ending wait() {
    Ending ending;
    while (::waitpid(mpirun_, &ending.wait_status, WNOHANG) != mpirun_) {
      if (survivors_code_ != kNoCode) {
        end_after_survivors();
        continue;
      }
      const bool reminds = stops_ == 1 || (stops_ == 0 && pauses_);
      const int signal =
          stops_ == 0 && !pauses_
              ? ::sigwaitinfo(&signals_, nullptr)
              : ::sigtimedwait(&signals_, nullptr, reminds ? &kReminder : &kPatience);
      // A stop that came before the ranks were up was lost, and does no harm to ranks that heard
      // it. A pause likewise.
      if (signal < 0 && errno == EAGAIN) {
        if (!reminds) ::kill(-mpirun_, SIGKILL);
        if (reminds) ::kill(mpirun_, stops_ == 1 ? kStopFromLauncher : SIGUSR1);
      }
      if (signal > 0) on_signal(signal);
    }
    output_.finish();
    errors_.finish();
    if (!verbose_) write_all(STDERR_FILENO, messages_.rest());
    ending.interrupted = stops_ > 0;
    ending.output_error = output_error_;
    ending.begun = exit_line_.begun();
    ending.start_failure = messages_.start_failure();
    if (survivors_code_ != kNoCode) ending.survivors_code = survivors_code_;
    return ending;
  }

 private:
  void on_signal(int signal) {
    switch (signal) {
      case SIGINT:
      case SIGTERM:
      case SIGHUP:
        return stop();
      case SIGUSR1:
        pauses_ = true;
        ::kill(mpirun_, SIGUSR1);  // mpirun passes it on to every rank
        return;
      case SIGTSTP:
        // mpirun passes it on and stays awake; then this process stops as the shell expects.
        ::kill(mpirun_, SIGTSTP);
        ::raise(SIGSTOP);
        return;
      case SIGCONT:
        ::kill(mpirun_, SIGCONT);
        return;
      default:
        return;  // SIGCHLD: wait() looks
    }
  }

  // All has been said; mpirun has a moment to come to its own end.
  void end_after_survivors() {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    if (::sigtimedwait(&ended, nullptr, &kPatienceWithSurvivors) >= 0 || errno != EAGAIN) return;
    ::kill(-mpirun_, std::exchange(end_signal_, SIGKILL));
  }

  void stop() {
    ++stops_;
    if (stops_ == 1) {
      std::cerr << "weir-launch: stopping; once more ends all ranks at once" << std::endl;
      ::kill(mpirun_, kStopFromLauncher);  // mpirun passes it on to every rank
    } else {
      ::kill(-mpirun_, stops_ == 2 ? SIGTERM : SIGKILL);
    }
  }

  bool verbose_;
  bool survives_;
  ExitLineFinder exit_line_;  // of the thread of errors_
  int output_error_ = 0;      // of the thread of output_, until it has finished
  MpirunMessages messages_;   // likewise of errors_
  std::atomic<int> survivors_code_ = kNoCode;
  PipeRelay output_;
  PipeRelay errors_;
  sigset_t signals_{};
  sigset_t old_mask_{};
  pid_t mpirun_ = -1;
  int stops_ = 0;
  int end_signal_ = SIGTERM;
  bool pauses_ = false;
};

int report_signal(int signal) {
  std::cerr << "weir-launch: a rank was ended by signal " << signal << " (" << ::strsignal(signal)
            << "), so all ranks were ended" << std::endl;
  return kSignalBase + signal;
}

// mpirun may say of it what it says of a daemon that did not start, or nothing at all.
int report_lost_host(const std::optional<std::string>& reason, int code) {
  std::cerr
      << "weir-launch: a host, or the daemon of mpirun there, was lost, so all ranks were ended"
      << (reason ? "; mpirun says: " + *reason : "") << std::endl;
  return code > kSignalBase ? code : kSignalBase + SIGKILL;
}

[[noreturn]] void refuse_to_start(const std::string& reason, const LaunchOptions& options) {
  std::string try_this = "--verbose, which shows all that mpirun says about it";
  if (!options.hosts.empty())
    try_this += "; `" + (options.rsh.empty() ? "ssh" : options.rsh) + " " +
                options.hosts.front().name + " true`, and the same for the other hosts";
  throw Error("mpirun cannot start the ranks", reason,
              "hosts, a --rsh program and --mca parameters that mpirun can work with", try_this);
}

// Of another MPI it does not know the options, and says so in its own words.
void refuse_foreign_mpirun(const std::string& mpirun) {
  const std::string command = "'" + mpirun + "' --version 2>&1 </dev/null";
  FILE* const answer = ::popen(command.c_str(), "re");
  if (answer == nullptr) return;
  std::array<char, 4096> text{};
  const std::size_t size = std::fread(text.data(), 1, text.size(), answer);
  ::pclose(answer);
  const std::string version(text.data(), size);
  if (version.empty() || version.find("Open MPI") != std::string::npos ||
      version.find("OpenRTE") != std::string::npos)
    return;
  throw Error("this mpirun is not that of Open MPI",
              mpirun + ": " + version.substr(0, version.find('\n')),
              "the mpirun of the Open MPI that weir was built with",
              "module load openmpi, or PATH with its folder in front; `which -a mpirun`");
}

int exit_code_of(const Ending& ending, const LaunchPlan& plan, const LaunchOptions& options) {
  // Whoever read it and went away has seen enough.
  if (ending.output_error != 0 && ending.output_error != EPIPE) {
    throw Error("the output could not be written",
                std::string("standard output: ") + std::strerror(ending.output_error),
                "room for it", "writing it to another place");
  }
  if (ending.survivors_code) return *ending.survivors_code;
  if (WIFSIGNALED(ending.wait_status)) {
    if (ending.interrupted) return kExitInterrupted;
    std::cerr << "weir-launch: mpirun was ended by signal " << WTERMSIG(ending.wait_status)
              << std::endl;
    return kSignalBase + WTERMSIG(ending.wait_status);
  }
  const int code = WEXITSTATUS(ending.wait_status);
  // mpirun says 0 as well where all ranks have died.
  if (plan.survives && code == 0) {
    if (ending.interrupted) return kExitInterrupted;
    std::cerr << "weir-launch: the ranks did not say how it ended\n"
                 "  found   no exit code: all of them have died, or most\n"
                 "  needed  half of the ranks to go on\n"
                 "  try     the same again; with --ledger DIR it goes on from there"
              << std::endl;
    return EXIT_FAILURE;
  }
  if (code == 0 || code == kExitBadInput || code == kExitInterrupted) return code;
  if (code == kExitToBeContinued) return code;
  // Ranks that had not yet learned to drain, or were ended by a second Ctrl-C.
  if (ending.interrupted) return kExitInterrupted;
  if (ending.begun && (ending.start_failure || code == kDaemonLost))
    return report_lost_host(ending.start_failure, code);
  if (ending.start_failure) refuse_to_start(*ending.start_failure, options);
  // So many commands have failed, and `weir exec` has said so.
  if (options.subcommand.front() == "exec" && code <= kMostFailedCommands) return code;
  const int signal = code - kSignalBase;
  if (signal == SIGABRT || signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE ||
      signal == SIGKILL || signal == SIGTERM)
    return report_signal(signal);
  refuse_foreign_mpirun(plan.command.front());
  std::cerr << "weir-launch: the ranks ended with exit code " << code
            << (ending.begun ? "; what they said about it stands above" : "")
            << (options.verbose ? "" : "; --verbose shows what mpirun says") << std::endl;
  return code;
}

}  // namespace

int launch_command(const std::vector<std::string>& arguments) {
  const LaunchOptions options = parse_launch_options(arguments);
  if (options.help) {
    std::cout << launch_usage();
    return EXIT_SUCCESS;
  }
  const LaunchSurroundings here = surroundings();
  const LaunchPlan plan = plan_launch(options, here);
  for (const std::string& note : plan.notes) std::cerr << "weir-launch: " << note << std::endl;
  if (options.verbose) {
    std::cerr << "weir-launch:";
    for (const std::string& word : plan.command) std::cerr << ' ' << word;
    std::cerr << std::endl;
  }
  check_session_folder();
  Launcher launcher(plan, here.word, options.verbose);
  if (!launcher.started())
    throw Error("mpirun cannot be started", std::strerror(errno), "one more process",
                "raising the limit of processes (ulimit -u)");
  return exit_code_of(launcher.wait(), plan, options);
}

}  // namespace weir
