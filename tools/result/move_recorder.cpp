#include "tools/result/move_recorder.hpp"

#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/sim/oracle_policy.hpp"

namespace weir {

bool records_moves(const RunOptions& options) {
  const bool follows_tree =
      options.policy != kOraclePolicy && make_policy(options.policy, {})->follows_tree();
  return is_on(options.loads.migration, follows_tree);
}

}  // namespace weir
