// Puts what a home knew when it placed a task into its record.

#pragma once

#include <functional>
#include <utility>

#include "runtime/policy/observed_policy.hpp"
#include "tools/result/run_record.hpp"

namespace weir {

class PlacementRecorder final : public PlacementObserver {
 public:
  // Until then nothing is recorded. `record` outlives the recorder's use; `now` is asked for the
  // time since the run began, as the record counts it.
  void start(RunRecord& record, std::function<Instant()> now) {
    record_ = &record;
    now_ = std::move(now);
  }

  void on_placed(const TaskView& task, const ClusterView& cluster, RankId chosen) override {
    if (record_ != nullptr) record_->add_placement(task, cluster, chosen, now_());
  }

 private:
  RunRecord* record_ = nullptr;
  std::function<Instant()> now_;
};

}  // namespace weir
