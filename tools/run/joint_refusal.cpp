#include "tools/run/joint_refusal.hpp"

#include <iostream>
#include <vector>

#include "runtime/base/bytes.hpp"

namespace weir {

bool any_refuses(MpiContext& mpi, const std::string& refusal, const std::string& command) {
  Bytes mine;
  ByteWriter(mine).text(refusal);
  const std::vector<Bytes> all = mpi.gather_to_all(mine);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    const std::string text = ByteReader(all[rank]).text();
    if (text.empty()) continue;
    if (mpi.rank() == RankId(0)) {
      std::cerr << command << ": " << (rank == 0 ? "" : "rank " + std::to_string(rank) + ": ")
                << text << std::endl;
    }
    return true;
  }
  return false;
}

}  // namespace weir
