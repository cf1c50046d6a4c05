#include "runtime/control/idle_token_sender.hpp"

#include <algorithm>

namespace weir {

IdleTokenSender::IdleTokenSender(RankId self, int dispatcher_count, const Executor& executor,
                                 Policy& policy, Transport& transport, Random random)
    : self_(self), executor_(executor), policy_(policy), transport_(transport), random_(random) {
  for (int i = 0; i < dispatcher_count; ++i) homes_.emplace_back(i);
}

void IdleTokenSender::on_arrivals(std::size_t task_count) {
  tokens_out_ = std::max<std::int64_t>(0, tokens_out_ - static_cast<std::int64_t>(task_count));
}

void IdleTokenSender::send(Instant now) {
  const ExecutorCounts counts = executor_.counts(now);
  const auto idle =
      static_cast<std::int64_t>(executor_.worker_count()) - counts.running - counts.queued;
  for (; tokens_out_ < idle; ++tokens_out_) {
    const RankId home = homes_[random_.below(homes_.size())];
    if (home == self_) {
      policy_.on_token(self_);
    } else {
      transport_.send(home, IdleToken{});
    }
  }
}

}  // namespace weir
