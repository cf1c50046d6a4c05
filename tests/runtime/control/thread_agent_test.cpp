// One rank with real worker threads under its agent: what the thread sanitizer looks at.

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "runtime/control/node_agent.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"
#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Wakes the control thread when something has ended.
class Bell {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    heard_.notify_one();
  }
  void wait_for(Duration longest) {
    std::unique_lock lock(mutex_);
    heard_.wait_for(lock, longest, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable heard_;
  bool rung_ = false;
};

// A kind for each thing a task can do; `ran` counts runs of submitted ones, `spawned` of others.
struct Kinds {
  Kinds() {
    plain = table.add("plain", [this](TaskContext&, const Payload& in, Bytes& out) {
      ++ran;
      ByteWriter(out).number(number_in(in) * 3);
    });
    spawning = table.add("spawning", [this](TaskContext& context, const Payload&, Bytes&) {
      ++ran;
      for (int i = 0; i < 4; ++i) context.spawn([this](TaskContext& c) { spawn_more(c); }, {});
    });
    failing = table.add("failing", [this](TaskContext&, const Payload&, Bytes&) {
      ++ran;
      throw std::runtime_error("always");
    });
    immediate = table.add("immediate", [this](TaskContext&, const Payload&, Bytes&) { ++ran; },
                          {.immediate = true});
  }
  void spawn_more(TaskContext& context) {
    if (++spawned % 2 == 0) return;
    context.spawn([this](TaskContext&) { ++spawned_last; }, ClassId(1));
  }

  std::atomic<std::uint64_t> ran = 0;
  std::atomic<std::uint64_t> spawned = 0;
  std::atomic<std::uint64_t> spawned_last = 0;
  KindTable table;
  KindId plain, spawning, failing, immediate;
};

struct Rank {
  explicit Rank(NodeAgentOptions options)
      : executor(kinds.table, clock, {.worker_count = 3, .notify = [this] { bell.ring(); }}),
        agent(options, {transport, executor, telemetry, policy, sink}) {}

  void submit(KindId kind, int count) {
    for (int i = 0; i < count; ++i) {
      Task task = make_task(kind, ++last_id);
      task.header.task_class = ClassId(static_cast<std::uint8_t>(i % 3));
      while (!agent.submit(task, clock.now())) wake_and_wait();
    }
  }
  void wake_and_wait() {
    agent.on_wakeup(clock.now());
    const Instant next = agent.next_wakeup();
    const Instant now = clock.now();
    if (next > now) bell.wait_for(std::min<Duration>(next - now, 100ms));
  }
  void run_epoch() {
    const auto before = agent.ended_epochs();
    agent.close_epoch();
    while (agent.ended_epochs() == before) wake_and_wait();
  }

  Kinds kinds;
  TestClock clock;
  Bell bell;
  RecordingTransport transport{0, 1};
  ThreadExecutor executor;
  SilentTelemetry telemetry;
  FixedPolicy policy{0};
  CollectingSink sink;
  NodeAgent agent;
  std::uint64_t last_id = 0;
};

TEST(AgentWithThreads, CompletesThousandsOfTasksOnceEach) {
  Rank rank({.max_in_flight = 200});
  rank.submit(rank.kinds.plain, 5000);
  rank.run_epoch();
  ASSERT_EQ(rank.sink.completed.size(), 5000u);
  EXPECT_EQ(rank.kinds.ran, 5000u);
  EXPECT_EQ(rank.agent.cluster().node(RankId(0)).own_in_flight, 0u);
  for (const CompletedTask& task : rank.sink.completed) {
    EXPECT_EQ(ByteReader(task.result).number<std::uint64_t>(), task.header.id.value() * 3);
  }
}

TEST(AgentWithThreads, EndsAnEpochOnlyAfterItsSpawnedTasks) {
  Rank rank({});
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
    rank.submit(rank.kinds.spawning, 300);
    rank.submit(rank.kinds.immediate, 50);
    rank.run_epoch();
    EXPECT_EQ(rank.sink.completed.size(), epoch * 350);
    EXPECT_EQ(rank.kinds.spawned, epoch * 1200);
    EXPECT_EQ(rank.kinds.spawned_last, epoch * 600);
  }
}

TEST(AgentWithThreads, TriesFailedTasksAgainWhileOthersRun) {
  Rank rank({.max_in_flight = 100, .max_retries = 2});
  for (int i = 0; i < 100; ++i) {
    rank.submit(rank.kinds.failing, 3);
    rank.submit(rank.kinds.plain, 10);
  }
  rank.run_epoch();
  EXPECT_EQ(rank.sink.completed.size(), 1300u);
  EXPECT_EQ(rank.agent.counts().failed, 300u);
  EXPECT_EQ(rank.agent.counts().retried, 600u);
  EXPECT_EQ(rank.kinds.ran, 1900u);
}

TEST(AgentWithThreads, TakesBackQueuedTasksWhileWorkersTakeThemToo) {
  Rank rank({});
  std::uint64_t taken = 0;
  for (int i = 0; i < 300; ++i) {
    rank.submit(rank.kinds.plain, 20);
    rank.agent.on_wakeup(rank.clock.now());
    // As if a thief had asked and then refused.
    rank.agent.on_message({RankId(0), 1, StealRequest{10}}, rank.clock.now());
    for (const HandOver& offer : rank.transport.take<HandOver>(0)) {
      if (offer.tasks.empty()) continue;
      taken += offer.tasks.size();
      rank.agent.on_message({RankId(0), 1, HandOverAnswer{offer.offer, false}}, rank.clock.now());
    }
  }
  rank.run_epoch();
  EXPECT_EQ(rank.sink.completed.size(), 6000u);
  EXPECT_EQ(rank.kinds.ran, 6000u);
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace weir
