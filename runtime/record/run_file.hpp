// The run file of all ranks, and the files it is made from.
//
// While a run lasts, rank 3 writes FILE.h5.rank0003. At the end one rank merges these segments into
// FILE.h5, under another name until it is whole. Both are HDF5:
//
//   segment   /                  attributes given at the start; weir_format, weir_kind "segment"
//             /NAME              arrays: one-dimensional numbers or texts
//             /TABLE/COLUMN      one dataset per column, not compressed
//             /table_state       pairs (rows, dropped rows), one per table by its `position`
//             /final_attributes  attributes given at the end, as JSON in UTF-8
//   run file  /                  attributes and arrays of the run; weir_kind "run"
//             /ranks/0003        attributes (first and final) and arrays of the rank
//             /ranks/0003/TABLE  attribute dropped_rows; COLUMN as above, shuffled and deflated
//
// Tables and columns carry `position`, their place in the order declared; columns `description`.
// A run file opens anywhere: h5py.File(path). A segment whose writer lives or was killed is marked
// by HDF5 as being written and opens as h5py.File(path, "r", swmr=True); in it the rows of a table
// beyond those in table_state are not whole. RecordReader opens all of them.

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/record/column.hpp"

namespace weir {

// FILE.h5.rank0003
std::filesystem::path segment_path(const std::filesystem::path& run_file, RankId rank);

// For the start of a run. Throws weir::Error if the folder is missing or files cannot be made
// there, or if `run_file` is a folder or a file that is no run file (it would be replaced). Leaves
// nothing behind.
void check_writable(const std::filesystem::path& run_file);

struct Segment {
  RankId rank;
  std::filesystem::path path;
};

struct MergeOutcome {
  std::vector<RankId> merged;
  // Missing or unreadable, with the reason. These segments stay where they are.
  std::vector<std::pair<RankId, std::string>> skipped;
};

// Makes `run_file` from the segments, whose writers have closed or died, and removes those it
// merged. `run_file` is replaced in one step, and stays as it was if this throws weir::Error; the
// segments then stay too. Memory is bounded; the time is that of compressing all rows.
MergeOutcome merge_segments(const std::filesystem::path& run_file,
                            std::span<const Segment> segments, const Attributes& run_attributes,
                            const std::vector<Array>& run_arrays = {});

}  // namespace weir
