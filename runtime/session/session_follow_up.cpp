// Submissions that follow other futures, and functions of this rank, which may.

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/session/session_core.hpp"

namespace weir {

// A submission that waits for other futures, in one block of memory with what they do when they are
// ready. The last of these deletes it.
class SessionCore::FollowUp {
 public:
  static void begin(SessionCore& core, Submission submission,
                    std::vector<std::shared_ptr<FutureState>> after) {
    auto* const self = new FollowUp(core, std::move(submission), std::move(after));
    // As long as one is missing, and the last one it names may be the last to arrive.
    const std::size_t count = self->after_.size();
    for (std::size_t i = 0; i < count; ++i) self->after_[i]->on_ready(self->arrivals_[i]);
  }

 private:
  class Arrival final : public Continuation {
   public:
    void run() noexcept override { whole->on_arrival(); }
    FollowUp* whole = nullptr;
  };

  FollowUp(SessionCore& core, Submission submission,
           std::vector<std::shared_ptr<FutureState>> after)
      : core_(core),
        submission_(std::move(submission)),
        after_(std::move(after)),
        missing_(after_.size()) {
    if (after_.size() > few_.size()) many_.resize(after_.size());
    arrivals_ = many_.empty() ? few_.data() : many_.data();
    for (std::size_t i = 0; i < after_.size(); ++i) arrivals_[i].whole = this;
  }

  void on_arrival() {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    const std::unique_ptr<FollowUp> self(this);
    hand_in();
  }

  void hand_in() {
    const std::shared_ptr<FutureState> future = submission_.future;
    for (const auto& one : after_) {
      if (one->status() == FutureState::Status::kDone) continue;
      if (future->settle_like(*one) && one->status() == FutureState::Status::kFailed) {
        core_.count_failed();
      }
      core_.promises_.keep();
      return;
    }
    if (core_.hand_in(submission_)) return;
    future->settle(FutureState::Status::kAbandoned, kNoRank, {});
    core_.promises_.keep();
  }

  SessionCore& core_;
  Submission submission_;
  std::vector<std::shared_ptr<FutureState>> after_;
  std::array<Arrival, 4> few_;
  std::vector<Arrival> many_;  // in place of them, where there are more
  Arrival* arrivals_ = nullptr;
  std::atomic<std::size_t> missing_;
};

void SessionCore::submit_after(std::vector<std::shared_ptr<FutureState>> after,
                               Submission submission) {
  if (after.empty()) return submit(std::move(submission));
  promises_.make();
  FollowUp::begin(*this, std::move(submission), std::move(after));
}

void SessionCore::run_local(std::shared_ptr<LocalCall> call, std::shared_ptr<FutureState> future,
                            std::vector<std::shared_ptr<FutureState>> after,
                            const LocalOptions& options) {
  const SubmitOptions here{.target = mpi_->rank(),
                           .task_class = options.task_class,
                           .priority = options.priority,
                           .no_rerun = true,
                           .memory_domain = options.memory_domain};
  submit_after(std::move(after),
               make_submission(here, kLocalCallKind, Payload(std::move(call)), std::move(future)));
}

}  // namespace weir
