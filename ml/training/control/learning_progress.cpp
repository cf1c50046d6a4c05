#include "ml/training/control/learning_progress.hpp"

#include <string>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

const std::string kProgress = "progress";

}  // namespace

std::vector<TableSchema> progress_tables() {
  return {{kProgress,
           {{"steps", ColumnType::kInt64, "played"},
            {"own_steps", ColumnType::kInt64, "of them not by the rule"},
            {"updates", ColumnType::kInt64, "of the network"}}}};
}

void append_progress(const LearningProgress& progress, RecordWriter& record, TableIndex first) {
  record.append(first, progress.steps, progress.own_steps, progress.updates);
}

LearningProgress read_progress(const RecordReader& record, const std::filesystem::path& path) {
  const auto steps = record.column<std::int64_t>({}, kProgress, "steps");
  const auto own_steps = record.column<std::int64_t>({}, kProgress, "own_steps");
  const auto updates = record.column<std::int64_t>({}, kProgress, "updates");
  const auto refuse = [&](const std::string& found) {
    throw Error("learning cannot be resumed", path.string() + ": " + found,
                "one row of steps, own steps of them, and updates", "learning from the start");
  };
  if (steps.size() != 1) refuse("progress of " + std::to_string(steps.size()) + " rows");
  const LearningProgress progress{steps[0], own_steps[0], updates[0]};
  if (progress.own_steps < 0 || progress.own_steps > progress.steps || progress.updates < 0) {
    refuse(std::to_string(progress.steps) + " steps, " + std::to_string(progress.own_steps) +
           " own ones and " + std::to_string(progress.updates) + " updates");
  }
  return progress;
}

}  // namespace weir
