// Functions that are called in child processes: bytes in, bytes out. What crashes there costs its
// child, and nothing else.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/process/zygote.hpp"

namespace weir {

// `number` says which function is meant. What it throws reaches the caller as text. What it leaves
// behind (memory that it broke or did not free, limits that it set) meets later calls of that
// child.
using ChildFunction =
    std::function<void(std::uint32_t number, std::span<const std::byte> argument, Bytes& result)>;

// The child's side: answers calls until the caller is gone.
void answer_calls(int socket, const ChildFunction& function);

enum class CallEnd : std::uint8_t {
  kReturned,
  kThrew,       // the result is the text of the exception: "TYPE: WHAT"
  kDied,        // the child ended, or answered what makes no sense; the result says how
  kNotStarted,  // there is no child, and none can be had; the result says why
};

// The caller's side: a child for each of its threads. A child is used for one call after another
// until it dies; the next call has a new one.
class ChildCalls {
 public:
  // `zygote` makes children that answer_calls(), and outlives this.
  explicit ChildCalls(Zygote& zygote) : zygote_(zygote) {}
  // Children that are left end.
  ~ChildCalls();
  ChildCalls(const ChildCalls&) = delete;
  ChildCalls& operator=(const ChildCalls&) = delete;

  // Starts so many children. Once. Throws Error where the system has not enough processes.
  void open(int count);

  // Blocks until it has ended: for ever, where the function does not end. `place` is at least 0 and
  // less than the count; one call at a time for each. A child runs on the cores and with the
  // priority of the thread that first called it. `argument` and `result` are less than 4 GiB.
  CallEnd call(int place, std::uint32_t number, std::span<const std::byte> argument, Bytes& result);

 private:
  struct Child {
    pid_t process = -1;  // -1: none
    int socket = -1;
    std::uint32_t calls = 0;  // that it was given, to tell their answers
  };

  bool start(Child& child, Bytes& why_not);
  CallEnd bury(Child& child, Bytes& how);

  Zygote& zygote_;
  std::vector<Child> children_;
};

}  // namespace weir
