#include "tools/learning/one_process.hpp"

#include <cstdlib>
#include <string>

#include "runtime/base/error.hpp"

namespace weir {

void refuse_several_ranks() {
  const char* ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (ranks == nullptr || std::string(ranks) == "1") return;
  throw Error("this is not for several ranks",
              std::string(ranks) + " ranks, all of which would do it", "one process",
              "the same command without mpirun or weir launch");
}

}  // namespace weir
