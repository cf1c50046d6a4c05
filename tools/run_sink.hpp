// Where the completed tasks of one home of a run go.

#pragma once

#include <utility>

#include "runtime/base/histogram.hpp"
#include "runtime/control/completion_sink.hpp"
#include "tools/run_record.hpp"
#include "tools/run_tally.hpp"

namespace weir {

// Adds up what the tasks of this home became.
class RunSink final : public CompletionSink {
 public:
  RunSink(RunTally tally, RunRecord* record) : tally_(std::move(tally)), record_(record) {}

  void on_completed(CompletedTask task, Instant now) override {
    tally_.add(task, now);
    if (task.status != TaskStatus::kDropped) recent_response.add(task.response);
    if (record_ != nullptr) record_->add_task(task, now);
  }

  const RunTally& tally() const { return tally_; }
  DurationHistogram recent_response;  // read and cleared by the progress line

 private:
  RunTally tally_;
  RunRecord* record_;
};

}  // namespace weir
