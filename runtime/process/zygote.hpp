// Forks children for a process that must not fork any more, because it has threads and MPI.
//
// A fork copies one thread, and the locks of all others as they happen to be; and MPI forbids it.
// So the process forks once, while it has one thread and no MPI: that is the zygote, which waits on
// a socket. When it is asked for a child it forks one, in the small and quiet memory that it has,
// and passes back a socket that leads to the child. As the parent it also says how a child ended.
// When the asking process is gone, however it came to its end, the socket ends; then the zygote
// kills its children, reaps them and ends.

#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weir {

struct ForkedChild {
  int error = 0;  // errno where there is none; then nothing else is set
  pid_t process = -1;
  int socket = -1;  // leads to it, a stream; the receiver's to close
};

class Zygote {
 public:
  // What a child does: it gets its end of the socket, and ends when this returns, with exit code 0.
  // An exception ends it by SIGABRT.
  using ChildMain = std::function<void(int socket)>;

  // Forks: call it while the process has no other thread, before MPI is started. All that
  // `child_main` knows is as it is now. Throws Error when the system has no process or socket for
  // it.
  explicit Zygote(ChildMain child_main);
  // Kills all children that are left.
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  // Any thread. The child has the standard output and error of this process and nothing else that
  // it has open, heeds no signal by which runs are stopped, and is killed when the zygote ends.
  // Costs a fork and two messages.
  ForkedChild fork_child();

  // Kills a child of its own unless it is ending already, waits for its end and says how it ended,
  // as waitpid() does. Once for each child. Nothing where the zygote is gone. Any thread.
  std::optional<int> reap(pid_t child);

  pid_t process() const { return process_; }

 private:
  std::mutex mutex_;  // one question at a time
  int socket_ = -1;
  pid_t process_ = -1;
};

// Of a status as waitpid() gives it: "was ended by signal 11 (Segmentation fault)", or "ended with
// exit code 3".
std::string end_text(int wait_status);

}  // namespace weir
