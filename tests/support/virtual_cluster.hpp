// All ranks of a small job in one process and virtual time: real agents, real encoded messages, a
// network with latency, a clock of its own for every rank, and executors that take a scripted time
// per task.

#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/control/immediate_advisor.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/protocol/codec.hpp"

namespace weir {

// What the script says about one attempt of a task at one node.
struct ScriptedRun {
  Duration service = std::chrono::milliseconds(1);
  bool fails = false;
  Bytes result = {};
};
using Script = std::function<ScriptedRun(const TaskHeader&, RankId node)>;

// `worker_count` workers, first come first served; of class limits only `most` counts.
class ScriptedExecutor final : public Executor {
 public:
  ScriptedExecutor(RankId node, int worker_count, Script script)
      : node_(node), worker_count_(worker_count), script_(std::move(script)) {}

  int worker_count() const override { return worker_count_; }

  void enqueue(std::vector<Task> tasks, Instant now) override {
    for (Task& task : tasks) queue_.push_back({std::move(task), now});
    start(now);
  }

  void take_ended(Instant now, std::vector<TaskEnd>& ended) override {
    while (!running_.empty() && running_.begin()->first <= now) {
      const Instant end = running_.begin()->first;
      ended.push_back(std::move(running_.begin()->second));
      running_.erase(running_.begin());
      start(end);
    }
  }

  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override {
    std::vector<Task> taken;
    for (auto i = queue_.size(); i-- > 0 && taken.size() < most;) {
      const TaskHeader& header = queue_[i].task.header;
      if (header.flags & (kPinned | kHandedOver)) continue;
      if ((mask_of(header.task_class) & of) == 0) continue;
      taken.push_back(std::move(queue_[i].task));
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    std::ranges::reverse(taken);
    return taken;
  }

  void set_class_limits(const ClassLimits& limits, Instant now) override {
    limits_ = limits;
    start(now);
  }
  const ClassLimits& class_limits() const { return limits_; }

  void set_wanted(bool wanted) override { is_wanted_ = wanted; }
  bool is_wanted() const { return is_wanted_; }

  ExecutorLoad load(Instant) const override {
    ExecutorLoad load;
    load.queued = static_cast<std::uint32_t>(queue_.size());
    load.running = static_cast<std::uint32_t>(running_.size());
    load.busy = busy_;
    for (const Queued& queued : queue_) {
      ++load.classes[queued.task.header.task_class.value()].queued;
    }
    for (const auto& [end, task] : running_) ++load.classes[task.task_class.value()].running;
    for (std::size_t i = 0; i < limits_.size(); ++i) load.classes[i].limit = limits_[i].most;
    return load;
  }

  void append_running(std::vector<RunningTask>& running) const override {
    for (const auto& [end, task] : running_) {
      running.push_back({task.task_class, end - task.service});
    }
  }

  SpawnCounts spawn_counts() const override { return {}; }
  Instant next_end() const override { return running_.empty() ? kNever : running_.begin()->first; }

  std::size_t longest_queue() const { return longest_queue_; }

 private:
  struct Queued {
    Task task;
    Instant since;
  };

  void start(Instant now) {
    longest_queue_ = std::max(longest_queue_, queue_.size());
    while (static_cast<int>(running_.size()) < worker_count_) {
      const auto next = std::ranges::find_if(queue_, [this](const Queued& queued) {
        return may_start(queued.task.header.task_class);
      });
      if (next == queue_.end()) return;
      const TaskHeader& header = next->task.header;
      const ScriptedRun run = script_(header, node_);
      const Instant start = std::max(now, next->since);
      TaskEnd end{.id = header.id,
                  .attempt = header.attempt,
                  .status = run.fails ? TaskStatus::kFailed : TaskStatus::kDone,
                  .task_class = header.task_class,
                  .home = header.home,
                  .load_at_arrival = header.load_at_arrival,
                  .waited = start - next->since,
                  .service = run.service,
                  .result = run.result};
      busy_ += run.service;
      running_.emplace(start + run.service, std::move(end));
      queue_.erase(next);
    }
  }

  bool may_start(ClassId task_class) const {
    const std::uint32_t most = limits_[task_class.value()].most;
    const auto running = std::ranges::count_if(
        running_, [&](const auto& one) { return one.second.task_class == task_class; });
    return most == 0 || running < most;
  }

  RankId node_;
  bool is_wanted_ = false;
  ClassLimits limits_{};
  int worker_count_;
  Script script_;
  std::deque<Queued> queue_;
  std::multimap<Instant, TaskEnd> running_;
  Duration busy_{0};
  std::size_t longest_queue_ = 0;
};

class SilentTelemetry final : public Telemetry {
 public:
  NodeTelemetry sample(Instant) override { return {}; }
};

// Remembers what was completed.
class CollectingSink final : public CompletionSink {
 public:
  void on_completed(CompletedTask task, Instant) override { completed.push_back(std::move(task)); }
  std::vector<CompletedTask> completed;
};

// `count` tasks, one each `gap` from `start` on, with ids from `first_id` on; their classes
// alternate.
class EvenSource final : public TaskSource {
 public:
  EvenSource(Instant start, std::uint64_t first_id, std::uint64_t count, Duration gap,
             int class_count = 1)
      : next_id_(first_id), left_(count), gap_(gap), class_count_(class_count), due_(start) {}

  Instant next_due() const override { return left_ > 0 ? due_ : kNever; }
  Task take() override {
    Task task;
    task.header.id = TaskId(next_id_++);
    task.header.task_class = ClassId(static_cast<std::uint8_t>(next_id_ % class_count_));
    task.header.arrival = due_;
    due_ += gap_;
    --left_;
    return task;
  }
  bool exhausted() const override { return left_ == 0; }

 private:
  std::uint64_t next_id_;
  std::uint64_t left_;
  Duration gap_;
  int class_count_;
  Instant due_;
};

class VirtualCluster {
 public:
  using PolicyMaker = std::function<std::unique_ptr<Policy>(RankId)>;
  // Null where a rank submits nothing. `start` is the begin of the run on that rank's clock.
  using SourceMaker = std::function<std::unique_ptr<TaskSource>(RankId, Instant start)>;

  struct Options {
    int rank_count = 2;
    std::function<int(RankId)> workers = [](RankId) { return 1; };
    Duration latency = std::chrono::microseconds(50);
    // Of one message, drawn when it is sent, in place of `latency`. Messages of one pair of ranks
    // keep their order whatever it says.
    std::function<Duration(RankId from, RankId to)> latency_between;
    NodeAgentOptions agent;
    Script script = [](const TaskHeader&, RankId) { return ScriptedRun{}; };
    // Where ranks may die: what a root does when it is over.
    std::function<void(RankId)> conclude = [](RankId) {};
    // While true for a rank, it neither receives, sends nor wakes: a stopped process.
    std::function<bool(RankId, Instant)> frozen = [](RankId, Instant) { return false; };
  };

  VirtualCluster(Options options, const PolicyMaker& make_policy, const SourceMaker& make_source)
      : options_(std::move(options)) {
    for (int i = 0; i < options_.rank_count; ++i) {
      ranks_.push_back(std::make_unique<Rank>(*this, RankId(i), make_policy(RankId(i)),
                                              make_source(RankId(i), Instant(skew(RankId(i))))));
      ranks_.back()->agent.finish_after_epoch();
    }
  }

  // Runs until every rank has finished or `limit` of virtual time has passed; true when all
  // finished.
  bool run(Duration limit = std::chrono::hours(1)) {
    return run_until([this] { return all_finished(); }, limit);
  }
  bool run_until(const std::function<bool()>& done, Duration limit) {
    while (now_ < Instant(limit)) {
      for (const auto& rank : ranks_) step(*rank);
      if (done()) return true;
      advance();
    }
    return false;
  }

  int rank_count() const { return options_.rank_count; }
  NodeAgent& agent(int rank) { return ranks_[rank]->agent; }
  const CollectingSink& sink(int rank) const { return ranks_[rank]->sink; }
  const ScriptedExecutor& executor(int rank) const { return ranks_[rank]->executor; }
  Instant now() const { return now_; }
  // Everything that was sent, in order: equal for two runs of one seed.
  const std::string& journal() const { return journal_; }
  std::uint64_t message_count() const { return message_count_; }

  // As if `from` had sent it.
  void inject(RankId from, RankId to, Message message) { send(from, to, std::move(message)); }

 private:
  struct Rank;

  struct Letter {
    Instant arrives;  // global time
    EncodedMessage encoded;
  };

  struct VirtualTransport final : Transport {
    VirtualTransport(VirtualCluster& c, RankId r) : cluster(c), self(r) {}
    RankId rank() const override { return self; }
    int rank_count() const override { return cluster.options_.rank_count; }
    void send(RankId to, Message message) override {
      ++sent;
      cluster.send(self, to, std::move(message));
    }
    std::optional<Envelope> try_receive() override { return cluster.receive(self); }
    void set_membership(std::uint32_t tag) override { membership = tag; }
    TransportCounts counts() const override { return {.messages_sent = sent}; }
    VirtualCluster& cluster;
    RankId self;
    std::uint64_t sent = 0;
    std::uint32_t membership = 0;
  };

  struct Rank {
    Rank(VirtualCluster& cluster, RankId r, std::unique_ptr<Policy> p,
         std::unique_ptr<TaskSource> s)
        : id(r),
          transport(cluster, r),
          executor(r, cluster.options_.workers(r), cluster.options_.script),
          policy(std::move(p)),
          source(std::move(s)),
          advisor(advisor_of(r, *policy)),
          agent(agent_options(cluster.options_, r),
                {transport, executor, telemetry, *policy, sink, source.get(), advisors()}) {}
    std::vector<Advisor*> advisors() const {
      return advisor ? std::vector<Advisor*>{advisor.get()} : std::vector<Advisor*>{};
    }
    RankId id;
    VirtualTransport transport;
    ScriptedExecutor executor;
    SilentTelemetry telemetry;
    std::unique_ptr<Policy> policy;
    std::unique_ptr<TaskSource> source;
    std::unique_ptr<Advisor> advisor;
    CollectingSink sink;
    NodeAgent agent;
  };

  // Where ranks may die, the flat tree closes over their places.
  static NodeAgentOptions agent_options(const Options& options, RankId rank) {
    NodeAgentOptions agent = options.agent;
    if (!agent.survival) return agent;
    agent.survival->place_without = [rank, count = options.rank_count](const auto& out) {
      return flat_tree_place(rank, count, out);
    };
    agent.survival->conclude = [rank, &options] { options.conclude(rank); };
    return agent;
  }

  static std::unique_ptr<Advisor> advisor_of(RankId rank, const Policy& policy) {
    auto planner = rank == RankId(0) ? policy.make_planner(1) : nullptr;
    return planner ? std::make_unique<ImmediateAdvisor>(std::move(planner)) : nullptr;
  }

  // Every rank's clock differs by 1000 s from its neighbour's: an instant that crosses ranks shows
  // at once.
  static Duration skew(RankId rank) { return rank.value() * std::chrono::seconds(1000); }
  Instant local(RankId rank) const { return now_ + skew(rank); }

  void send(RankId from, RankId to, Message message) {
    if (options_.frozen(from, now_)) return;
    journal_ += std::to_string(now_.time_since_epoch().count()) + ' ' +
                std::to_string(from.value()) + '>' + std::to_string(to.value()) + ' ' +
                std::to_string(message.index()) + '\n';
    ++message_count_;
    Instant arrives =
        now_ + (options_.latency_between ? options_.latency_between(from, to) : options_.latency);
    auto& link = links_[{from, to}];
    if (!link.empty()) arrives = std::max(arrives, link.back().arrives);
    const std::uint32_t membership = ranks_[from.value()]->transport.membership;
    link.push_back({arrives, encode(std::move(message), membership, local(from))});
  }

  std::optional<Envelope> receive(RankId to) {
    for (int from = 0; from < options_.rank_count; ++from) {
      auto& link = links_[{RankId(from), to}];
      if (link.empty() || link.front().arrives > now_) continue;
      EncodedMessage encoded = std::move(link.front().encoded);
      link.pop_front();
      std::vector<Bytes> attachments;
      for (const Payload& payload : encoded.attachments) {
        attachments.emplace_back(payload.bytes().begin(), payload.bytes().end());
      }
      auto envelope = decode(RankId(from), encoded.head, std::move(attachments), local(to));
      WEIR_CHECK(envelope.has_value(), "a message did not survive the wire");
      return envelope;
    }
    return std::nullopt;
  }

  void step(Rank& rank) {
    if (options_.frozen(rank.id, now_)) return;
    while (auto envelope = rank.transport.try_receive()) {
      rank.agent.on_message(std::move(*envelope), local(rank.id));
    }
    rank.agent.on_wakeup(local(rank.id));
  }

  void advance() {
    Instant next = kNever;
    for (const auto& [pair, link] : links_) {
      if (link.empty()) continue;
      Instant arrives = link.front().arrives;
      if (options_.frozen(pair.second, std::max(arrives, now_))) arrives = now_ + kFrozenStep;
      next = std::min(next, arrives);
    }
    for (const auto& rank : ranks_) {
      if (options_.frozen(rank->id, now_)) {
        next = std::min(next, now_ + kFrozenStep);
      } else if (!rank->agent.finished()) {
        const Instant wakeup = rank->agent.next_wakeup();
        if (wakeup != kNever) next = std::min(next, wakeup - skew(rank->id));
      }
    }
    now_ = std::max(next, now_ + Duration(1));
  }

  bool all_finished() const {
    return std::ranges::all_of(ranks_, [](const auto& rank) { return rank->agent.finished(); });
  }

  static constexpr Duration kFrozenStep = std::chrono::milliseconds(1);

  Options options_;
  std::map<std::pair<RankId, RankId>, std::deque<Letter>> links_;
  std::vector<std::unique_ptr<Rank>> ranks_;
  Instant now_{};
  std::string journal_;
  std::uint64_t message_count_ = 0;
};

// For play_twice(): the same messages, and the same tasks completed in the same order and way.
inline bool is_same_play(const std::unique_ptr<VirtualCluster>& one,
                         const std::unique_ptr<VirtualCluster>& other) {
  const auto is_same_task = [](const CompletedTask& a, const CompletedTask& b) {
    return a.header.id == b.header.id && a.header.attempt == b.header.attempt && a.node == b.node &&
           a.response == b.response;
  };
  if (one->journal() != other->journal()) return false;
  for (int rank = 0; rank < one->rank_count(); ++rank) {
    if (!std::ranges::equal(one->sink(rank).completed, other->sink(rank).completed, is_same_task)) {
      return false;
    }
  }
  return true;
}

}  // namespace weir
