// Adds up what became of the tasks of one home; tallies of all homes merge into that of the run.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/histogram.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/completion_sink.hpp"

namespace weir {

struct ClassTally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
  std::uint64_t with_deadline = 0;
  std::uint64_t missed = 0;  // of those with a deadline: late, failed or dropped
  DurationHistogram response;
  double waited_s = 0;   // summed
  double service_s = 0;  // summed
};

// Of the tasks that this node ran, whoever submitted them.
struct NodeTally {
  std::uint64_t done = 0;
  double response_s = 0;  // summed
  double service_s = 0;   // summed
};

class RunTally {
 public:
  RunTally(int class_count, int stream_count, int node_count);

  void add(const CompletedTask& task, Instant now);
  // `other` has no more nodes.
  void merge(const RunTally& other);
  // Of all tasks, but without saying where they ran and when the last one completed.
  RunTally without_nodes() const;

  const std::vector<ClassTally>& classes() const { return classes_; }
  const std::vector<NodeTally>& nodes() const { return nodes_; }
  // By stream id. A stream's digest is over the tasks that were done.
  const std::vector<StreamDigest>& digests() const { return digests_; }
  // Over all classes.
  DurationHistogram response() const;
  std::uint64_t done() const;
  std::uint64_t failed() const;
  std::uint64_t dropped() const;
  // Done, failed or dropped.
  std::uint64_t ended() const { return done() + failed() + dropped(); }
  // When the last task completed, from the begin of the run.
  Duration last_completion() const { return last_completion_; }

  void encode(ByteWriter& out) const;
  // False when the bytes are not a tally of this shape.
  bool decode(ByteReader& in);

 private:
  std::vector<ClassTally> classes_;
  std::vector<StreamDigest> digests_;
  std::vector<NodeTally> nodes_;
  Duration last_completion_{0};
};

}  // namespace weir
