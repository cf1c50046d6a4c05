// Join-idle-queue, the node's side: a node puts itself on one dispatcher's list for each worker
// that has nothing to do.

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

class IdleTokenSender {
 public:
  // The references outlive the sender; `policy` is this rank's own. `random` chooses dispatchers.
  IdleTokenSender(RankId self, int dispatcher_count, const Executor& executor, Policy& policy,
                  Transport& transport, Random random);

  // These, ascending and at least one, place tasks from now on.
  void set_homes(std::vector<RankId> homes) { homes_ = std::move(homes); }

  // Each answers one token, whoever placed it.
  void on_arrivals(std::size_t task_count);

  // Tells of the workers that are idle and have not been told of.
  void send(Instant now);

 private:
  RankId self_;
  std::vector<RankId> homes_;
  const Executor& executor_;
  Policy& policy_;
  Transport& transport_;
  Random random_;
  std::int64_t tokens_out_ = 0;  // sent and not yet answered by a task
};

}  // namespace weir
