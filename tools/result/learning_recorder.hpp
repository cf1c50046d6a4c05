// Puts what coordinators of a rank have learned into its record, and tells of it.

#pragma once

#include <functional>
#include <string>
#include <utility>

#include "runtime/control/learning_observer.hpp"
#include "tools/result/run_record.hpp"

namespace weir {

class LearningRecorder final : public LearningObserver {
 public:
  using Tell = std::function<void(const std::string& line)>;

  // `record` may be null, as may `tell`; both are asked from now on.
  void start(RunRecord* record, std::function<Instant()> now, Tell tell = {}) {
    record_ = record;
    now_ = std::move(now);
    tell_ = std::move(tell);
  }

  void on_learned(const LearningEvent& event, Instant now) override;

 private:
  RunRecord* record_ = nullptr;
  std::function<Instant()> now_;
  Tell tell_;
};

}  // namespace weir
