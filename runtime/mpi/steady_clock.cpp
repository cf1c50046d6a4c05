#include "runtime/mpi/steady_clock.hpp"

namespace weir {

Instant SteadyClock::now() const {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_));
}

}  // namespace weir
