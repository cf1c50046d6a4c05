// Plays games on several threads, each game on one.

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace weir {

// Calls `play` with 0 to count - 1, until `stopped` is set, by whomever. A game that throws stops
// the others; when all have ended, one of the exceptions is thrown again.
void play_in_parallel(std::size_t count, int threads, std::atomic<bool>& stopped,
                      const std::function<void(std::size_t)>& play);

}  // namespace weir
