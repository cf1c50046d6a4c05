// On the socket each call is a head and the bytes of the argument, and each answer a head and the
// bytes of the result. The caller writes all of a call before it reads, and the child reads all of
// it before it writes, so that neither waits for the other however long they are.

#include "runtime/process/child_calls.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/exception_text.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

struct CallHead {
  std::uint64_t bytes;
  std::uint32_t call;  // counts the calls of a child
  std::uint32_t number;
};

struct AnswerHead {
  std::uint64_t bytes;
  std::uint32_t call;  // that is answered
  CallEnd end;
};

void set_text(Bytes& bytes, std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  bytes.assign(view.begin(), view.end());
}

// False when nobody is there to take it.
bool send_all(int socket, const void* head, std::size_t head_bytes,
              std::span<const std::byte> body) {
  iovec parts[2] = {{const_cast<void*>(head), head_bytes},
                    {const_cast<std::byte*>(body.data()), body.size()}};
  std::size_t left = head_bytes + body.size();
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    left -= static_cast<std::size_t>(sent);
    if (left == 0) return true;
    auto taken = static_cast<std::size_t>(sent);
    for (iovec& part : parts) {
      const std::size_t of_part = std::min(taken, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + of_part;
      part.iov_len -= of_part;
      taken -= of_part;
    }
  }
}

// False when the other end was closed before.
bool receive_all(int socket, void* place, std::size_t bytes) {
  auto* next = static_cast<char*>(place);
  while (bytes > 0) {
    const ssize_t received = ::recv(socket, next, bytes, MSG_WAITALL);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    next += received;
    bytes -= static_cast<std::size_t>(received);
  }
  return true;
}

// What is refused costs speed, not correctness.
void run_like_this_thread(pid_t child) {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) {
    ::sched_setaffinity(child, sizeof cores, &cores);
  }
  // On Linux, "process 0" is the calling thread.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(child), ::getpriority(PRIO_PROCESS, 0));
}

}  // namespace

void answer_calls(int socket, const ChildFunction& function) {
  CallHead call{};
  while (receive_all(socket, &call, sizeof call)) {
    Bytes argument(call.bytes);
    if (!receive_all(socket, argument.data(), argument.size())) return;
    Bytes result;
    AnswerHead answer{.bytes = 0, .call = call.call, .end = CallEnd::kReturned};
    try {
      function(call.number, argument, result);
    } catch (...) {
      answer.end = CallEnd::kThrew;
      set_text(result, current_exception_text());
    }
    answer.bytes = result.size();
    if (!send_all(socket, &answer, sizeof answer, result)) return;
  }
}

ChildCalls::~ChildCalls() {
  for (const Child& child : children_) {
    if (child.process < 0) continue;
    ::close(child.socket);
    zygote_.reap(child.process);
  }
}

void ChildCalls::open(int count) {
  WEIR_CHECK(children_.empty(), "children were started twice");
  children_.resize(static_cast<std::size_t>(count));
  for (Child& child : children_) {
    Bytes why_not;
    if (start(child, why_not)) continue;
    throw Error("the child processes that tasks are to run in cannot be started",
                std::string(reinterpret_cast<const char*>(why_not.data()), why_not.size()),
                std::to_string(count) + " processes here, one for each worker",
                "fewer --workers, or raising the limits of processes and open files (ulimit -u, "
                "ulimit -n)");
  }
}

bool ChildCalls::start(Child& child, Bytes& why_not) {
  const ForkedChild forked = zygote_.fork_child();
  if (forked.error != 0) {
    set_text(why_not, std::string("no child process: ") + ::strerrordesc_np(forked.error));
    return false;
  }
  child = {.process = forked.process, .socket = forked.socket, .calls = 0};
  return true;
}

CallEnd ChildCalls::bury(Child& child, Bytes& how) {
  ::close(child.socket);
  const std::optional<int> status = zygote_.reap(child.process);
  child = {};
  set_text(how, "the child process " +
                    (status ? end_text(*status) : std::string("is gone, and so is its parent")));
  return CallEnd::kDied;
}

CallEnd ChildCalls::call(int place, std::uint32_t number, std::span<const std::byte> argument,
                         Bytes& result) {
  WEIR_CHECK(argument.size() <= kMostBytes, "an argument of 4 GiB or more");
  Child& child = children_.at(static_cast<std::size_t>(place));
  if (child.process < 0 && !start(child, result)) return CallEnd::kNotStarted;
  if (child.calls == 0) run_like_this_thread(child.process);
  const CallHead call{.bytes = argument.size(), .call = ++child.calls, .number = number};
  AnswerHead answer{};
  if (!send_all(child.socket, &call, sizeof call, argument) ||
      !receive_all(child.socket, &answer, sizeof answer)) {
    return bury(child, result);
  }
  // A function may have written anywhere, over what it answers as well.
  const bool makes_sense = answer.call == call.call && answer.bytes <= kMostBytes &&
                           (answer.end == CallEnd::kReturned || answer.end == CallEnd::kThrew);
  if (!makes_sense) {
    bury(child, result);
    set_text(result, "the child process gave an answer that makes no sense");
    return CallEnd::kDied;
  }
  result.resize(answer.bytes);
  if (!receive_all(child.socket, result.data(), result.size())) return bury(child, result);
  return answer.end;
}

}  // namespace weir
