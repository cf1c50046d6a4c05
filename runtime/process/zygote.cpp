#include "runtime/process/zygote.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// Where the zygote has its way to the process it serves, and a child its own.
constexpr int kSocket = STDERR_FILENO + 1;

// By which launchers, terminals and batch systems stop a run. The rank drains it, and its tasks
// have to end for that.
constexpr std::array kStops{SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGURG};

struct Question {
  pid_t child = 0;  // to be reaped; zero: a new one is wanted
};

struct Answer {
  pid_t child = -1;
  int error = 0;
  int wait_status = 0;
};

// With a descriptor beside it, unless that is negative. False when nobody is there to take it.
bool send_with(int socket, const Answer& answer, int descriptor) {
  iovec part{const_cast<Answer*>(&answer), sizeof answer};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == sizeof answer;
}

// False when the other end is gone.
bool receive_with(int socket, Answer& answer, int& descriptor) {
  iovec part{&answer, sizeof answer};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  ssize_t received = 0;
  do {
    received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received != sizeof answer) return false;
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
  } else if (answer.child > 0 && answer.error == 0) {
    answer.error = EMFILE;  // There was no room for the descriptor here.
  }
  return true;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Keeps standard output and error, for what a task has to say, and the second end of a pair of
// sockets. Whoever waits for anything else of the parent to be closed must not wait for this
// process. The first end may have the number of a standard stream that was closed.
void keep_only_second(const std::array<int, 2>& ends) {
  ::close(ends[0]);
  ::dup2(ends[1], kSocket);
  ::close_range(kSocket + 1, UINT_MAX, 0);
}

[[noreturn]] void be_child(const std::array<int, 2>& ends, pid_t zygote,
                           const Zygote::ChildMain& child_main) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != zygote) ::_exit(EXIT_FAILURE);
  ::prctl(PR_SET_NAME, "weir-task");
  keep_only_second(ends);
  child_main(kSocket);
  ::_exit(EXIT_SUCCESS);
}

// The zygote's side.
class Nursery {
 public:
  explicit Nursery(const Zygote::ChildMain& child_main) : child_main_(child_main) {}

  // Until nobody asks any more.
  void serve() {
    for (;;) {
      Question question;
      const ssize_t received = ::recv(kSocket, &question, sizeof question, 0);
      if (received < 0 && errno == EINTR) continue;
      if (received != sizeof question) break;
      if (!(question.child == 0 ? fork_one() : reap(question.child))) break;
    }
    for (const pid_t child : children_) ::kill(child, SIGKILL);
    for (const pid_t child : children_) wait_for(child);
  }

 private:
  bool fork_one() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return send_with(kSocket, {.error = errno}, -1);
    }
    const pid_t child = ::fork();
    if (child == 0) be_child(ends, self_, child_main_);
    const Answer answer{.child = child, .error = child < 0 ? errno : 0};
    if (child > 0) children_.push_back(child);
    const bool is_sent = send_with(kSocket, answer, child > 0 ? ends[0] : -1);
    for (const int end : ends) ::close(end);
    return is_sent;
  }

  // One that is ending keeps the status that it has.
  bool reap(pid_t child) {
    ::kill(child, SIGKILL);
    std::erase(children_, child);
    return send_with(kSocket, {.child = child, .wait_status = wait_for(child)}, -1);
  }

  const Zygote::ChildMain& child_main_;
  const pid_t self_ = ::getpid();
  std::vector<pid_t> children_;
};

[[noreturn]] void be_zygote(const std::array<int, 2>& ends,
                            const Zygote::ChildMain& child_main) noexcept {
  ::prctl(PR_SET_NAME, "weir-zygote");
  for (const int signal : kStops) ::signal(signal, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  keep_only_second(ends);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::close(nothing);
  Nursery(child_main).serve();
  ::_exit(EXIT_SUCCESS);
}

[[noreturn]] void refuse_zygote(const std::string& what) {
  throw Error("the process that forks children cannot be started",
              what + ": " + std::strerror(errno), "a process and a pair of sockets",
              "raising the limits of processes and open files (ulimit -u, ulimit -n)");
}

}  // namespace

Zygote::Zygote(ChildMain child_main) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    refuse_zygote("socketpair");
  }
  // None may reach the zygote before it ignores it.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  process_ = ::fork();
  if (process_ == 0) be_zygote(ends, child_main);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (process_ < 0) refuse_zygote("fork");
  ::close(ends[1]);
  socket_ = ends[0];
}

Zygote::~Zygote() {
  ::close(socket_);
  wait_for(process_);
}

ForkedChild Zygote::fork_child() {
  const std::lock_guard lock(mutex_);
  const Question question;
  Answer answer;
  ForkedChild child;
  const bool is_asked =
      ::send(socket_, &question, sizeof question, MSG_NOSIGNAL) == sizeof question;
  if (!is_asked || !receive_with(socket_, answer, child.socket)) return {.error = ESRCH};
  if (answer.error != 0) return {.error = answer.error};
  child.process = answer.child;
  return child;
}

std::optional<int> Zygote::reap(pid_t child) {
  const std::lock_guard lock(mutex_);
  const Question question{child};
  Answer answer;
  int none = -1;
  const bool is_asked =
      ::send(socket_, &question, sizeof question, MSG_NOSIGNAL) == sizeof question;
  if (!is_asked || !receive_with(socket_, answer, none)) return std::nullopt;
  return answer.wait_status;
}

std::string end_text(int wait_status) {
  if (!WIFSIGNALED(wait_status)) {
    return "ended with exit code " + std::to_string(WEXITSTATUS(wait_status));
  }
  const int signal = WTERMSIG(wait_status);
  const char* const name = ::sigdescr_np(signal);
  return "was ended by signal " + std::to_string(signal) +
         (name == nullptr ? "" : " (" + std::string(name) + ")");
}

}  // namespace weir
