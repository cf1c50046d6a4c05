// Where the completed tasks of one home of a run go.

#pragma once

#include <utility>

#include "runtime/base/histogram.hpp"
#include "runtime/control/completion_sink.hpp"
#include "tools/result/run_record.hpp"
#include "tools/result/run_tally.hpp"
#include "tools/run/home_shares.hpp"

namespace weir {

// Adds up what the tasks of this home became: in its shares, where it keeps copies of them.
class RunSink final : public CompletionSink {
 public:
  // `record` and `shares` may be null; they outlive it.
  RunSink(RunTally tally, RunRecord* record, HomeShares* shares)
      : tally_(std::move(tally)), record_(record), shares_(shares) {}

  void on_completed(CompletedTask task, Instant now) override {
    (shares_ == nullptr ? tally_ : shares_->complete(task.header.id)).add(task, now);
    if (task.status != TaskStatus::kDropped) recent_response.add(task.response);
    if (record_ != nullptr) record_->add_task(task, now);
  }

  RunTally tally() const { return shares_ == nullptr ? tally_ : shares_->completed_here(); }
  DurationHistogram recent_response;  // read and cleared by the progress line

 private:
  RunTally tally_;
  RunRecord* record_;
  HomeShares* shares_;
};

}  // namespace weir
