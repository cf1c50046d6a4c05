// Jobs drawn from a seed: ranks, workers, policy, limits, failures, pinned tasks, stopped ranks and
// latencies. Whatever is drawn, every task completes once and nothing is left over.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "runtime/base/random.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Job {
  std::uint64_t seed = 0;
  std::string policy;
  VirtualCluster::Options options;
  int dispatcher_count = 1;
  std::uint64_t tasks_per_dispatcher = 0;
  Duration mean_gap{0};
};

// Tasks at random times, some of them not to be run twice.
class RandomSource final : public TaskSource {
 public:
  RandomSource(const Job& job, RankId rank, Instant start)
      : random_(job.seed, 1000 + static_cast<std::uint64_t>(rank.value())),
        next_id_(1 + static_cast<std::uint64_t>(rank.value()) * 1'000'000),
        left_(rank.value() < job.dispatcher_count ? job.tasks_per_dispatcher : 0),
        mean_gap_s_(to_seconds(job.mean_gap)),
        due_(start) {}

  Instant next_due() const override { return left_ > 0 ? due_ : kNever; }
  Task take() override {
    Task task;
    task.header.id = TaskId(next_id_++);
    task.header.task_class = ClassId(static_cast<std::uint8_t>(random_.below(3)));
    if (random_.below(20) == 0) task.header.flags |= kNoRerun;
    if (random_.below(4) == 0) task.payload = Payload(Bytes(random_.below(40'000)));
    task.header.arrival = due_;
    due_ += from_seconds(random_.exponential(mean_gap_s_));
    --left_;
    return task;
  }
  bool exhausted() const override { return left_ == 0; }

 private:
  Random random_;
  std::uint64_t next_id_;
  std::uint64_t left_;
  double mean_gap_s_;
  Instant due_;
};

// The same answer for the same attempt at the same node, in any order of asking.
ScriptedRun random_run(std::uint64_t seed, double failing, const TaskHeader& task, RankId node) {
  Random random(seed, mix_bits(task.id.value() * 64 + task.attempt) +
                          static_cast<std::uint64_t>(node.value()));
  ScriptedRun run;
  run.service = from_seconds(random.exponential(0.002 * (1 + task.task_class.value())) /
                             (1 + node.value() % 3));
  run.fails = random.uniform() < failing;
  return run;
}

Job draw_job(std::uint64_t seed, std::string policy) {
  Random random(seed);
  Job job{.seed = seed, .policy = std::move(policy)};
  VirtualCluster::Options& o = job.options;
  o.rank_count = static_cast<int>(1 + random.below(6));
  const std::uint64_t worker_seed = random.next();
  o.workers = [worker_seed](RankId rank) {
    return static_cast<int>(1 +
                            Random(worker_seed, static_cast<std::uint64_t>(rank.value())).below(4));
  };
  job.dispatcher_count =
      static_cast<int>(1 + random.below(static_cast<std::uint64_t>(o.rank_count)));
  job.tasks_per_dispatcher = random.below(250);
  job.mean_gap = Duration(static_cast<Duration::rep>(random.below(4) * random.below(1'000'000)));

  NodeAgentOptions& agent = o.agent;
  agent.seed = seed;
  agent.check_invariants = true;
  agent.dispatcher_count = job.dispatcher_count;
  agent.meter.class_count = 3;
  agent.max_retries = static_cast<int>(random.below(4));
  agent.max_in_flight = random.below(2) == 0 ? 65536 : 1 + random.below(60);
  agent.router.credit_per_node =
      static_cast<std::uint32_t>(1 + random.below(random.below(2) == 0 ? 8 : 1024));
  agent.router.max_batch_tasks = static_cast<std::uint32_t>(1 + random.below(16));
  agent.router.max_batch_bytes = 1 + random.below(100'000);
  agent.host.queue_limit =
      static_cast<std::uint32_t>(random.below(random.below(2) == 0 ? 4 : 1000));
  agent.host.max_batch_ends = static_cast<std::uint32_t>(1 + random.below(16));
  agent.hand_over.max_tasks = static_cast<std::uint32_t>(1 + random.below(32));

  const double failing = random.below(2) == 0 ? 0 : 0.3 * random.uniform();
  o.script = [seed, failing](const TaskHeader& task, RankId node) {
    return random_run(seed, failing, task, node);
  };
  if (random.below(3) == 0) {
    const auto victim =
        static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(o.rank_count)));
    const Instant from{Duration(static_cast<Duration::rep>(random.below(100'000'000)))};
    const Instant to = from + Duration(static_cast<Duration::rep>(random.below(1'000'000'000)));
    o.frozen = [=](RankId rank, Instant now) {
      return rank == RankId(victim) && now >= from && now < to;
    };
  }
  return job;
}

std::unique_ptr<VirtualCluster> make_cluster(const Job& job) {
  VirtualCluster::Options options = job.options;
  // Most messages take microseconds, some a thousand times as long.
  options.latency_between = [random = Random(job.seed, 7)](RankId, RankId) mutable {
    const double mean_s = random.below(10) == 0 ? 0.02 : 0.00002;
    return from_seconds(random.exponential(mean_s));
  };
  double min_node_cores = options.workers(RankId(0));
  for (int i = 0; i < options.rank_count; ++i) {
    min_node_cores = std::min(min_node_cores, static_cast<double>(options.workers(RankId(i))));
  }
  return std::make_unique<VirtualCluster>(
      options,
      [&job, min_node_cores](RankId rank) {
        return make_policy(job.policy,
                           {.seed = job.seed,
                            .home = rank,
                            .dispatcher_count = static_cast<double>(job.dispatcher_count),
                            .min_node_cores = min_node_cores});
      },
      [&job](RankId rank, Instant start) {
        return std::make_unique<RandomSource>(job, rank, start);
      });
}

// How each task of this home may end, given the script.
void expect_outcome(const Job& job, const CompletedTask& task) {
  const auto most = static_cast<std::uint32_t>(
      (task.header.flags & kNoRerun) != 0 ? 1 : 1 + job.options.agent.max_retries);
  EXPECT_LE(task.header.attempt, most);
  const bool fails = job.options.script(task.header, task.node).fails;
  EXPECT_EQ(task.status == TaskStatus::kFailed, fails);
  if (fails) {
    EXPECT_EQ(task.header.attempt, most) << "an attempt was left";
  }
}

void expect_nothing_left(const Job& job, VirtualCluster& cluster) {
  std::set<TaskId> ids;
  std::uint64_t completed = 0;
  std::uint64_t given = 0;
  std::uint64_t received = 0;
  std::uint64_t moved_at_most = 0;
  for (int i = 0; i < job.options.rank_count; ++i) {
    const NodeAgent& agent = cluster.agent(i);
    const std::uint64_t tasks = i < job.dispatcher_count ? job.tasks_per_dispatcher : 0;
    EXPECT_EQ(agent.counts().submitted, tasks);
    EXPECT_EQ(agent.counts().completed, tasks);
    EXPECT_EQ(agent.counts().stale_ends, 0u);
    EXPECT_EQ(agent.in_flight(), 0u);
    EXPECT_EQ(agent.unbound_task_count(), 0u);
    for (int node = 0; node < job.options.rank_count; ++node) {
      EXPECT_EQ(agent.cluster().node(RankId(node)).own_in_flight, 0u);
    }
    std::uint64_t moved = 0;
    for (const CompletedTask& task : cluster.sink(i).completed) {
      ids.insert(task.header.id);
      moved += task.moved ? 1 : 0;
      expect_outcome(job, task);
    }
    EXPECT_EQ(moved, agent.counts().moved);
    completed += cluster.sink(i).completed.size();
    moved_at_most += moved;
    given += agent.hand_over_counts().tasks_given;
    received += agent.hand_over_counts().tasks_received;
    EXPECT_EQ(cluster.executor(i).load(Instant{}).queued, 0u);
    EXPECT_EQ(cluster.executor(i).load(Instant{}).running, 0u);
  }
  EXPECT_EQ(ids.size(), completed);
  EXPECT_EQ(completed, job.tasks_per_dispatcher * static_cast<unsigned>(job.dispatcher_count));
  EXPECT_EQ(given, received);
  EXPECT_LE(moved_at_most, received);
}

// The end of a run may overtake an answer, or the news that a reservation is void. The tasks are
// complete by then.
bool settles_all_business(const Job& job, VirtualCluster& cluster) {
  const auto all_answered = [&] {
    for (int i = 0; i < job.options.rank_count; ++i) {
      const NodeAgent& agent = cluster.agent(i);
      if (agent.offered_task_count() > 0 || agent.reservations().asked_count() > 0 ||
          agent.reservations().in_line() > 0)
        return false;
    }
    return true;
  };
  return cluster.run_until(all_answered, cluster.now() - Instant{} + 10s);
}

void run_jobs(const std::string& policy) {
  for_each_seed(12, [&policy](std::uint64_t seed) {
    const Job job = draw_job(seed, policy);
    play_twice([&job] {
      auto cluster = make_cluster(job);
      EXPECT_TRUE(cluster->run(600s)) << "it does not end";
      EXPECT_TRUE(settles_all_business(job, *cluster)) << "an offer or a reservation is left";
      expect_nothing_left(job, *cluster);
      return cluster;
    });
  });
}

class RandomJobs : public testing::TestWithParam<std::string> {};

TEST_P(RandomJobs, CompleteEveryTaskOnceAndLeaveNothing) { run_jobs(GetParam()); }
TEST_P(RandomJobs, DoSoWhenIdleNodesStealToo) { run_jobs(GetParam() + "+work_stealing"); }

std::vector<std::string> all_policies() {
  std::vector<std::string> names;
  for (const PolicyInfo& policy : policy_catalogue()) names.emplace_back(policy.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Policies, RandomJobs, testing::ValuesIn(all_policies()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace weir
