// How far learning has come, in a record.

#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"

namespace weir {

struct LearningProgress {
  std::int64_t steps = 0;      // played
  std::int64_t own_steps = 0;  // of them not by the rule
  std::int64_t updates = 0;    // of the network
};

// The table, and its row, in table `first`. Reading throws Error for what no learner can have
// reached.
std::vector<TableSchema> progress_tables();
void append_progress(const LearningProgress& progress, RecordWriter& record, TableIndex first);
LearningProgress read_progress(const RecordReader& record, const std::filesystem::path& path);

}  // namespace weir
