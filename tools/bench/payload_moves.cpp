// Queued tasks with large payloads that move: all are submitted at rank 0, whose rule leaves them
// there, and only migration brings them to the other ranks. Nodes of four cores are emulated, so
// nothing but messages takes processor time. Prints how long it took beside what it would take
// without any move and on nodes that share equally, and what was moved. See `bandwidth`.
//
//   mpirun -n RANKS payload_moves PAYLOAD_BYTES TASKS

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/session/node_runtime.hpp"

namespace weir {
namespace {

constexpr int kCores = 4;
constexpr int kWorkMs = 20;

// All are due at once.
class Batch final : public TaskSource {
 public:
  Batch(std::uint64_t count, std::size_t payload_bytes)
      : count_(count), payload_(Bytes(payload_bytes)) {}
  Instant next_due() const override { return exhausted() ? kNever : Instant{}; }
  Task take() override {
    Task task;
    task.header.id = make_task_id(StreamId(0), taken_++);
    task.header.kind = KindId(0);
    task.header.task_class = ClassId(0);
    task.payload = payload_;
    return task;
  }
  bool exhausted() const override { return taken_ == count_; }

 private:
  std::uint64_t count_;
  std::uint64_t taken_ = 0;
  Payload payload_;
};

class Last final : public CompletionSink {
 public:
  void on_completed(CompletedTask task, Instant now) override {
    WEIR_CHECK(task.status == TaskStatus::kDone, "a task failed that does nothing");
    at_ = std::max(at_, now);
    ++count_;
  }
  double seconds() const { return seconds_since_start(at_); }
  std::uint64_t count() const { return count_; }

 private:
  Instant at_{};
  std::uint64_t count_ = 0;
};

void measure(std::size_t payload_bytes, std::uint64_t task_count) {
  const auto mpi = MpiContext::start(MpiThreads::kFunneled);
  end_all_ranks_on_failure();
  keep_freed_memory();
  KindTable kinds;
  kinds.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  NodeRuntimeOptions options;
  options.policy = "local";
  options.migration = Migration::kOn;
  options.dispatcher_count = 1;
  options.max_in_flight = task_count;
  options.emulation = EmulationSpec::parse("nodes=" + std::to_string(kCores) + "x1*" +
                                           std::to_string(mpi->rank_count()) +
                                           ";work_ms=" + std::to_string(kWorkMs));
  NodeRuntime runtime(*mpi, kinds, options);
  Last last;
  const bool submits = mpi->rank() == RankId(0);
  Batch batch(submits ? task_count : 0, payload_bytes);
  NodeAgent& agent = runtime.begin(last, &batch);
  agent.finish_after_epoch();
  runtime.loop().run();
  if (!submits) return;
  WEIR_CHECK(last.count() == task_count, "tasks were lost");
  const HandOverCounts moves = agent.hand_over_counts();
  const double alone_s = static_cast<double>(task_count) * kWorkMs / 1000 / kCores;
  std::printf("%.2f s (%.1f s at rank 0 alone, %.1f s shared equally), %llu tasks moved, %.1f MB\n",
              last.seconds(), alone_s, alone_s / mpi->rank_count(),
              static_cast<unsigned long long>(moves.tasks_given),
              static_cast<double>(moves.bytes_given) / 1e6);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: mpirun -n RANKS payload_moves PAYLOAD_BYTES TASKS\n");
    return 2;
  }
  weir::measure(std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10));
  return 0;
}
