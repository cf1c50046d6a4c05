#include "tools/learning/parallel_games.hpp"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace weir {

void play_in_parallel(std::size_t count, int threads, std::atomic<bool>& stopped,
                      const std::function<void(std::size_t)>& play) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < count && !stopped; i = next++) {
      try {
        play(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        stopped = true;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < threads; ++i) workers.emplace_back(work);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace weir
