// Threads with small stacks, so that a test fills one with little, whatever `ulimit -s` says.

#pragma once

#include <pthread.h>

#include <cstddef>

namespace weir {

// Holds for the threads that start while it lives.
class SmallStacks {
 public:
  static constexpr std::size_t kBytes = std::size_t{2} << 20;

  SmallStacks() {
    pthread_attr_init(&usual_);
    pthread_getattr_default_np(&usual_);
    pthread_attr_t small = usual_;
    pthread_attr_setstacksize(&small, kBytes);
    pthread_setattr_default_np(&small);
  }
  ~SmallStacks() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }
  SmallStacks(const SmallStacks&) = delete;
  SmallStacks& operator=(const SmallStacks&) = delete;

 private:
  pthread_attr_t usual_;
};

// Bytes that, in a task with nothing beneath it, fill the stack to between three eighths and a
// half.
inline std::size_t bytes_to_deep() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &lowest, &bytes);
  pthread_attr_destroy(&attributes);
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  return static_cast<std::size_t>(here - static_cast<const char*>(lowest)) / 16 * 7;
}

}  // namespace weir
