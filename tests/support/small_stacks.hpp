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

}  // namespace weir
