// Puts what coordinators of a rank decided about queued tasks into its record.

#pragma once

#include <functional>
#include <utility>

#include "runtime/control/move_observer.hpp"
#include "tools/result/run_record.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// Whether queued tasks move in a run, so that there is something to record.
bool records_moves(const RunOptions& options);

class MoveRecorder final : public MoveObserver {
 public:
  // As PlacementRecorder.
  void start(RunRecord& record, std::function<Instant()> now) {
    record_ = &record;
    now_ = std::move(now);
  }

  void on_decided(const DecidedMove& move, Instant) override {
    if (record_ != nullptr) record_->add_move(move, now_());
  }
  void on_done(const MoveDone& done, Instant) override {
    if (record_ != nullptr) record_->add_move_end(done, now_());
  }

 private:
  RunRecord* record_ = nullptr;
  std::function<Instant()> now_;
};

}  // namespace weir
