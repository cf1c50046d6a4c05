#include "tools/run/joint_capacity.hpp"

#include <algorithm>

#include "runtime/base/bytes.hpp"
#include "tools/load/workload.hpp"

namespace weir {

double measured_capacity_per_s(MpiContext& mpi, const RunOptions& options,
                               const NodeRuntime& runtime) {
  Bytes mine;
  ByteWriter out(mine);
  const bool first = mpi.rank() == RankId(0);
  out.number(first ? measured_mean_service_s(options) : 0.0);
  out.number(static_cast<double>(runtime.worker_count()));
  double workers = 0;
  double mean_service_s = 0;
  for (const Bytes& bytes : mpi.gather_to_all(mine)) {
    ByteReader in(bytes);
    mean_service_s += in.number<double>();
    workers += in.number<double>();
  }
  // Workers that share a core add nothing.
  workers = std::min(
      workers, static_cast<double>(mpi.host_count()) * runtime.place().machine.allowed.count());
  return workers / std::max(mean_service_s, 1e-9);
}

}  // namespace weir
