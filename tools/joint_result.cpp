#include "tools/joint_result.hpp"

#include <sys/resource.h>

#include <ctime>
#include <iostream>

#include "runtime/base/bytes.hpp"
#include "runtime/base/check.hpp"
#include "runtime/record/run_file.hpp"
#include "tools/run_record.hpp"
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

std::optional<RunResult> gather_result(MpiContext& mpi, RunResult head, const RunTally& tally,
                                       const RankResult& own) {
  Bytes mine;
  ByteWriter out(mine);
  tally.encode(out);
  encode(own, out);
  const std::vector<Bytes> all = mpi.gather(mine);
  if (mpi.rank() != RankId(0)) return std::nullopt;
  const RunTally empty = head.tally;
  for (const Bytes& bytes : all) {
    ByteReader in(bytes);
    RunTally part = empty;
    RankResult rank;
    WEIR_CHECK(part.decode(in) && decode(rank, in),
               "a rank's result did not survive the gathering");
    head.tally.merge(part);
    head.planned += rank.planned;
    head.ranks.push_back(std::move(rank));
  }
  return head;
}

bool merge_records(MpiContext& mpi, const JointRecord& record, const std::string& failure) {
  Bytes mine;
  ByteWriter(mine).text(failure);
  bool complete = true;
  std::vector<Segment> segments;
  const std::vector<Bytes> all = mpi.gather(mine);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const RankId rank(static_cast<std::int32_t>(i));
    segments.push_back({rank, segment_path(record.path, rank)});
    const std::string text = ByteReader(all[i]).text();
    if (text.empty()) continue;
    complete = false;
    std::cerr << "weir-run: warning: the record of rank " << i << " is not complete: " << text
              << std::endl;
  }
  if (mpi.rank() != RankId(0)) return complete;
  const MergeOutcome outcome =
      merge_segments(record.path, segments, option_attributes(record.options));
  for (const auto& [rank, reason] : outcome.skipped) {
    complete = false;
    std::cerr << "weir-run: warning: the record of rank " << rank.value()
              << " stays in its own file: " << reason << std::endl;
  }
  if (!record.quiet) {
    std::cerr << "weir-run: recorded in " << record.path.string() << std::endl;
  }
  return complete;
}

}  // namespace weir
