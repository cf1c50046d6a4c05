#include "tools/exec/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace weir {

bool open_standard_streams() {
  const bool has_input = ::fcntl(STDIN_FILENO, F_GETFD) >= 0;
  for (int lowest = ::open("/dev/null", O_RDWR); lowest >= 0; lowest = ::dup(lowest)) {
    if (lowest <= STDERR_FILENO) continue;
    ::close(lowest);
    break;
  }
  return has_input;
}

}  // namespace weir
