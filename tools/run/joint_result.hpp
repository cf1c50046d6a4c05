// The result of a run on ranks: what each contributes, put together on rank 0, and their records
// put into one file.

#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/node_runtime.hpp"
#include "tools/result/run_result.hpp"
#include "tools/result/run_tally.hpp"

namespace weir {

// Of the calling thread, since it began.
double thread_cpu_s();

// Of this rank. `cpu_before_s`: of the control thread when the run began; `making_cpu_s`: what it
// spent on making tasks since.
RankResult rank_result_of(const NodeRuntime& runtime, const NodeAgent& agent, double cpu_before_s,
                          double making_cpu_s);

// What a rank contributes to the result, as bytes; and that added to `head`. `empty` gives the
// shape of the tally.
Bytes encode_part(const RunTally& tally, const RankResult& own);
void add_part(const Bytes& part, const RunTally& empty, RunResult& head);

// Adds the tallies and results of all ranks to `head`, which says what all know of the run and
// whose tally is empty. Nothing on other ranks than 0. Collective.
std::optional<RunResult> gather_result(MpiContext& mpi, RunResult head, const RunTally& tally,
                                       const RankResult& own);

// Compares what all ranks have counted, and tells what does not fit. Collective.
bool totals_agree(MpiContext& mpi, const RankTotals& own);

struct JointRecord {
  std::filesystem::path path;
  std::vector<std::pair<std::string, std::string>> options;  // of the run, for its attributes
  bool quiet = false;
};
// Merges the segments of all ranks, each closed, with `failure` empty where nothing went wrong.
// Tells what is incomplete. False when the record is not complete. Collective.
bool merge_records(MpiContext& mpi, const JointRecord& record, const std::string& failure);
// The same, but not collective, on the one rank that knows the failures of all. Those that are
// `out` need not have a whole segment.
bool merge_told_segments(const JointRecord& record, const std::vector<std::string>& failures,
                         const std::set<RankId>& out = {});

}  // namespace weir
