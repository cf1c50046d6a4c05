#include "tools/result/learning_recorder.hpp"

#include <cstdio>

namespace weir {
namespace {

// Of what changes placements.
std::string line_of(const LearningEvent& event) {
  const bool is_new = event.step == LearningStep::kPromoted;
  char text[200];
  std::snprintf(text, sizeof text,
                "the cluster of rank %d goes by %s (version %u): loss %.4f, and not %.4f, on %llu "
                "tasks",
                event.cluster.value(), is_new ? "new weights" : "the weights before, again",
                event.version, event.challenger_loss, event.in_use_loss,
                static_cast<unsigned long long>(event.task_count));
  return text;
}

}  // namespace

void LearningRecorder::on_learned(const LearningEvent& event, Instant) {
  if (record_ != nullptr) record_->add_learning(event, now_());
  const bool changes =
      event.step == LearningStep::kPromoted || event.step == LearningStep::kRolledBack;
  if (tell_ && changes) tell_(line_of(event));
}

}  // namespace weir
