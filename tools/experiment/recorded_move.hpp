// Finds a move of queued tasks in the file of a run: what the coordinator knew when it decided, and
// what became of it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/control/move_observer.hpp"
#include "runtime/record/record_reader.hpp"

namespace weir {

struct RecordedMoveEnd {
  double time_s = 0;
  std::uint32_t moved = 0;
  std::uint64_t bytes = 0;
  double took_s = 0;
};

struct RecordedMove {
  double time_s = 0;
  DecidedMove decided;  // its number is that of the record, the positions in `why` are not kept
  std::string class_name;
  std::vector<RecordedMoveEnd> ends;  // none: nobody answered; several: of a quota
};

// How many moves were decided on that rank; nothing where the run recorded none at all.
std::optional<std::uint64_t> move_count(const RecordReader& record, RankId rank);

// Of a number below that count.
RecordedMove move_at(const RecordReader& record, RankId rank, std::uint64_t number);

}  // namespace weir
