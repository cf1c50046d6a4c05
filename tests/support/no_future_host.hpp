// The host of futures for which nobody waits.

#pragma once

#include <memory>
#include <vector>

#include "runtime/session/future_state.hpp"

namespace weir {

class NoHost final : public FutureHost {
 public:
  void wait(FutureState&, TaskContext*) override {}
  void look() override {}
  void wake() noexcept override {}
  void run_local(std::shared_ptr<LocalCall>, std::shared_ptr<FutureState>,
                 std::vector<std::shared_ptr<FutureState>>, const LocalOptions&) override {}
  void count_failed() noexcept override {}
  RankId rank() const override { return RankId(0); }
};

}  // namespace weir
