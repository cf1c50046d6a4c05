#include "runtime/exec/asymmetric_fence.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

long membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

}  // namespace

bool has_heavy_fence() {
  // Fails where the kernel is older or a container forbids it.
  static const bool has = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
  return has;
}

void heavy_fence() {
  WEIR_CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0, "a fence that was there is gone");
}

}  // namespace weir
