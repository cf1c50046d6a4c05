#include "tools/result/run_tally.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {

RunTally::RunTally(int class_count, int stream_count, int node_count)
    : classes_(class_count), digests_(stream_count), nodes_(node_count) {}

void RunTally::add(const CompletedTask& task, Instant now) {
  ClassTally& c = classes_[task.header.task_class.value()];
  if (task.header.deadline != kNever) {
    const bool in_time = task.status == TaskStatus::kDone &&
                         task.response <= task.header.deadline - task.header.arrival;
    ++c.with_deadline;
    c.missed += in_time ? 0 : 1;
  }
  if (task.status == TaskStatus::kDropped) {
    ++c.dropped;
    return;
  }
  last_completion_ = std::max(last_completion_, now.time_since_epoch());
  if (task.status == TaskStatus::kFailed) {
    ++c.failed;
    return;
  }
  ++c.done;
  c.response.add(task.response);
  c.waited_s += to_seconds(task.waited);
  c.service_s += to_seconds(task.service);
  NodeTally& node = nodes_[task.node.value()];
  ++node.done;
  node.response_s += to_seconds(task.response);
  node.service_s += to_seconds(task.service);
  digests_[stream_of(task.header.id).value()].add(task.header.id, task.result);
}

void RunTally::merge(const RunTally& other) {
  WEIR_CHECK(other.nodes_.size() <= nodes_.size(), "tallies of different worlds do not merge");
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    classes_[i].done += other.classes_[i].done;
    classes_[i].failed += other.classes_[i].failed;
    classes_[i].dropped += other.classes_[i].dropped;
    classes_[i].with_deadline += other.classes_[i].with_deadline;
    classes_[i].missed += other.classes_[i].missed;
    classes_[i].response.merge(other.classes_[i].response);
    classes_[i].waited_s += other.classes_[i].waited_s;
    classes_[i].service_s += other.classes_[i].service_s;
  }
  for (std::size_t i = 0; i < digests_.size(); ++i) digests_[i].merge(other.digests_[i]);
  for (std::size_t i = 0; i < other.nodes_.size(); ++i) {
    nodes_[i].done += other.nodes_[i].done;
    nodes_[i].response_s += other.nodes_[i].response_s;
    nodes_[i].service_s += other.nodes_[i].service_s;
  }
  last_completion_ = std::max(last_completion_, other.last_completion_);
}

RunTally RunTally::without_nodes() const {
  RunTally tally = *this;
  tally.nodes_.clear();
  tally.last_completion_ = Duration(0);
  return tally;
}

DurationHistogram RunTally::response() const {
  DurationHistogram all;
  for (const ClassTally& c : classes_) all.merge(c.response);
  return all;
}

std::uint64_t RunTally::done() const {
  std::uint64_t sum = 0;
  for (const ClassTally& c : classes_) sum += c.done;
  return sum;
}

std::uint64_t RunTally::failed() const {
  std::uint64_t sum = 0;
  for (const ClassTally& c : classes_) sum += c.failed;
  return sum;
}

std::uint64_t RunTally::dropped() const {
  std::uint64_t sum = 0;
  for (const ClassTally& c : classes_) sum += c.dropped;
  return sum;
}

void RunTally::encode(ByteWriter& out) const {
  for (const ClassTally& c : classes_) {
    for (const auto number : {c.done, c.failed, c.dropped, c.with_deadline, c.missed}) {
      out.number(number);
    }
    c.response.encode(out);
    out.number(c.waited_s);
    out.number(c.service_s);
  }
  for (const StreamDigest& digest : digests_) digest.encode(out);
  for (const NodeTally& node : nodes_) {
    out.number(node.done);
    out.number(node.response_s);
    out.number(node.service_s);
  }
  out.number(last_completion_.count());
}

bool RunTally::decode(ByteReader& in) {
  for (ClassTally& c : classes_) {
    for (auto* number : {&c.done, &c.failed, &c.dropped, &c.with_deadline, &c.missed}) {
      *number = in.number<std::uint64_t>();
    }
    if (!c.response.decode(in)) return false;
    c.waited_s = in.number<double>();
    c.service_s = in.number<double>();
  }
  for (StreamDigest& digest : digests_) digest.decode(in);
  for (NodeTally& node : nodes_) {
    node.done = in.number<std::uint64_t>();
    node.response_s = in.number<double>();
    node.service_s = in.number<double>();
  }
  last_completion_ = Duration(in.number<Duration::rep>());
  return in.ok();
}

}  // namespace weir
