#include "tools/run/joint_result.hpp"

#include <sys/resource.h>

#include <ctime>
#include <iostream>

#include "runtime/base/bytes.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/control/invariants.hpp"
#include "runtime/record/run_file.hpp"
#include "tools/result/run_record.hpp"
#include "topology/discover.hpp"

namespace weir {
namespace {

double peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

}  // namespace

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

RankResult rank_result_of(const NodeRuntime& runtime, const NodeAgent& agent, double cpu_before_s,
                          double making_cpu_s) {
  RankResult own;
  own.host = host_name();
  own.worker_count = runtime.worker_count();
  own.speed = runtime.speed();
  own.elapsed_s = seconds_since_start(runtime.clock().now());
  own.busy_s = to_seconds(runtime.executor_load().busy);
  own.control_cpu_s = thread_cpu_s() - cpu_before_s;
  own.making_cpu_s = making_cpu_s;
  own.resident_bytes = peak_resident_bytes();
  own.counts = agent.counts();
  own.learned = agent.decision_counts().value_or(DecisionCounts());
  if (agent.learner() != nullptr) own.online = cluster_learning_of(*agent.learner());
  own.planned = runtime.foretold_plans();
  own.hand_over = agent.hand_over_counts();
  own.transport = runtime.transport_counts();
  own.lateness = runtime.lateness();
  return own;
}

Bytes encode_part(const RunTally& tally, const RankResult& own) {
  Bytes part;
  ByteWriter out(part);
  tally.encode(out);
  encode(own, out);
  return part;
}

void add_part(const Bytes& part, const RunTally& empty, RunResult& head) {
  ByteReader in(part);
  RunTally tally = empty;
  RankResult rank;
  WEIR_CHECK(tally.decode(in) && decode(rank, in), "a rank's result did not survive the gathering");
  head.tally.merge(tally);
  head.planned += rank.planned;
  head.ranks.push_back(std::move(rank));
}

std::optional<RunResult> gather_result(MpiContext& mpi, RunResult head, const RunTally& tally,
                                       const RankResult& own) {
  const std::vector<Bytes> all = mpi.gather(encode_part(tally, own));
  if (mpi.rank() != RankId(0)) return std::nullopt;
  const RunTally empty = head.tally;
  for (const Bytes& part : all) add_part(part, empty, head);
  return head;
}

bool totals_agree(MpiContext& mpi, const RankTotals& own) {
  Bytes mine;
  ByteWriter out(mine);
  out.raw(&own, sizeof own);
  std::vector<RankTotals> ranks;
  for (const Bytes& bytes : mpi.gather_to_all(mine)) {
    ByteReader(bytes).raw(&ranks.emplace_back(), sizeof own);
  }
  const std::string broken = broken_rule(ranks);
  if (!broken.empty() && mpi.rank() == RankId(0)) {
    std::cerr << "weir-run: an invariant of the whole run is broken: " << broken << std::endl;
  }
  return broken.empty();
}

bool merge_told_segments(const JointRecord& record, const std::vector<std::string>& failures,
                         const std::set<RankId>& out) {
  bool complete = true;
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    const RankId rank(static_cast<std::int32_t>(i));
    segments.push_back({rank, segment_path(record.path, rank)});
    if (failures[i].empty()) continue;
    complete = false;
    std::cerr << "weir-run: warning: the record of rank " << i
              << " is not complete: " << failures[i] << std::endl;
  }
  MergeOutcome outcome;
  try {
    outcome = merge_segments(record.path, segments, option_attributes(record.options));
  } catch (const Error& error) {
    // The run has been: its result stands, and the segments stay.
    std::cerr << "weir-run: " << error.report() << std::endl;
    return false;
  }
  for (const auto& [rank, reason] : outcome.skipped) {
    complete = complete && out.contains(rank);
    std::cerr << "weir-run: warning: the record of rank " << rank.value()
              << " stays in its own file: " << reason << std::endl;
  }
  if (!record.quiet) {
    std::cerr << "weir-run: recorded in " << record.path.string() << std::endl;
  }
  return complete;
}

bool merge_records(MpiContext& mpi, const JointRecord& record, const std::string& failure) {
  Bytes mine;
  ByteWriter(mine).text(failure);
  std::vector<std::string> failures;
  for (const Bytes& bytes : mpi.gather(mine)) failures.push_back(ByteReader(bytes).text());
  return mpi.rank() != RankId(0) || merge_told_segments(record, failures);
}

}  // namespace weir
