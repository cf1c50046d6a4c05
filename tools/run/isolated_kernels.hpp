// `weir run --isolate`: the kernels run in child processes, one for each worker, so that a task
// that crashes costs that attempt and not the rank. A task that hangs still holds its worker up.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/process/child_calls.hpp"
#include "runtime/process/zygote.hpp"

namespace weir {

struct IsolatedKernelsOptions {
  double crash_share = 0;  // of the attempts, each drawn anew, that are made to crash
  std::uint64_t seed = 1;  // governs which calls of a worker
};

class IsolatedKernels {
 public:
  // Forks: call it while the process has no other thread, before MPI is started. Throws Error where
  // it cannot.
  explicit IsolatedKernels(const IsolatedKernelsOptions& options);

  // Those of kernel_kinds(), with the same results and error texts, but each attempt in the child
  // of its worker. What kills a child becomes the text of a failed attempt. This outlives them.
  KindTable kinds();
  // Starts the children, before any task runs. Once. Throws Error where it cannot.
  void open(RankId rank, int worker_count);

  // Attempts that cost a child so far. Any thread.
  std::uint64_t crashed() const { return crashed_.load(std::memory_order_relaxed); }

 private:
  void run(std::size_t worker, std::uint32_t kernel, std::span<const std::byte> payload,
           Bytes& result);

  IsolatedKernelsOptions options_;
  Zygote zygote_;
  ChildCalls calls_;
  std::vector<Random> draws_;  // by worker
  std::atomic<std::uint64_t> crashed_{0};
};

}  // namespace weir
