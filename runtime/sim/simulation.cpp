#include "runtime/sim/simulation.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/random.hpp"
#include "runtime/policy/policy_registry.hpp"
#include "runtime/sim/delayed_advisor.hpp"

namespace weir {
namespace {

// What the seed governs beside the policies and the work.
constexpr std::uint64_t kClockPart = 0x636c6f63;

int rank_count_of(const SimulationOptions& options) {
  return options.rank_count > 0 ? options.rank_count : options.nodes.node_count();
}

RankClock make_clock(const SimulationOptions& options, RankId rank) {
  Random random(mix_bits(options.seed) ^ kClockPart, static_cast<std::uint64_t>(rank.value()));
  const Duration skew = from_seconds(to_seconds(options.most_skew) * random.uniform());
  return {skew, options.most_drift * (2 * random.uniform() - 1)};
}

}  // namespace

struct Simulation::Node final : CompletionSink {
  Node(RankId rank, const RankClock& its_clock, TimerExecutor its_executor,
       std::unique_ptr<Policy> its_policy, SimulationSink& its_sink, const SimTime& world_now)
      : id(rank),
        clock(its_clock),
        executor(std::move(its_executor)),
        policy(std::move(its_policy)),
        sink(its_sink),
        now(world_now) {}

  void on_completed(CompletedTask task, Instant) override { sink.on_completed(task, now); }

  RankId id;
  RankClock clock;
  TimerExecutor executor;
  AbsentTelemetry telemetry;
  std::unique_ptr<Policy> policy;
  std::unique_ptr<TaskSource> source;
  std::unique_ptr<Advisor> advisor;  // on the relay, where the policy follows one
  SimulationSink& sink;
  const SimTime& now;
  std::unique_ptr<SimTransport> transport;
  std::unique_ptr<NodeAgent> agent;
  Instant wakeup{};  // the one in the event queue, on the rank's clock
  bool finished = false;
};

Simulation::Simulation(const SimulationOptions& options, const SourceMaker& make_source,
                       SimulationSink& sink)
    : network_(options.network, rank_count_of(options)), events_(rank_count_of(options)) {
  const int count = rank_count_of(options);
  WEIR_CHECK(options.dispatcher_count > 0 && options.dispatcher_count <= count,
             "a simulation without dispatchers, or with more than ranks");
  double min_node_cores = std::numeric_limits<double>::infinity();
  for (int rank = 0; rank < count; ++rank) {
    const auto& type = options.nodes.types[options.nodes.type_of(rank)];
    min_node_cores = std::min(min_node_cores, static_cast<double>(type.cores));
  }
  for (int rank = 0; rank < count; ++rank) {
    add_node(options, RankId(rank), min_node_cores, make_source, sink);
  }
  unfinished_ = count;
  for (const auto& each : nodes_) work(*each, each->clock.local(now_));
}

Simulation::~Simulation() = default;

void Simulation::add_node(const SimulationOptions& options, RankId rank, double min_node_cores,
                          const SourceMaker& make_source, SimulationSink& sink) {
  const ServiceModel model(options.nodes, rank.value(), options.seed);
  const double speed = model.speed();
  auto policy = make_policy(options.policy,
                            {.seed = options.seed,
                             .home = rank,
                             .dispatcher_count = static_cast<double>(options.dispatcher_count),
                             .min_node_cores = min_node_cores});
  if (options.observe_policy) policy = options.observe_policy(rank, std::move(policy), now_);
  nodes_.push_back(std::make_unique<Node>(rank, make_clock(options, rank),
                                          TimerExecutor(model, options.queue), std::move(policy),
                                          sink, now_));
  Node& added = *nodes_.back();
  if (rank.value() < options.dispatcher_count) {
    added.source = make_source(rank, added.clock.local(SimTime{}));
  }
  added.transport = std::make_unique<SimTransport>(
      rank, rank_count_of(options), added.clock, now_, letters_,
      [this, rank](RankId to, std::uint32_t letter) { post(rank, to, letter); });
  NodeAgentOptions agent;
  agent.meter = {.speed = speed, .class_count = options.class_count};
  agent.dispatcher_count = options.dispatcher_count;
  agent.max_retries = options.max_retries;
  agent.report_interval = options.report_interval;
  agent.max_in_flight = options.max_in_flight;
  agent.overflow = options.overflow;
  agent.seed = options.seed;
  if (auto planner = rank == kRelay ? added.policy->make_planner() : nullptr) {
    added.advisor = std::make_unique<DelayedAdvisor>(std::move(planner), options.advisor_delay);
  }
  added.agent = std::make_unique<NodeAgent>(
      agent, NodeAgentParts{*added.transport, added.executor, added.telemetry, *added.policy, added,
                            added.source.get(), added.advisor.get()});
  added.agent->finish_after_epoch();
  if (added.source == nullptr) added.agent->close_epoch();
}

void Simulation::post(RankId from, RankId to, std::uint32_t letter) {
  const EncodedMessage& message = letters_[letter].message;
  write_journal(from, to, message);
  events_.push(network_.deliver(from, to, size_of(message), now_), to, letter);
}

void Simulation::write_journal(RankId from, RankId to, const EncodedMessage& message) {
  const auto write = [this](std::uint64_t word) { journal_ = mix_bits(journal_ ^ word); };
  write(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  write((static_cast<std::uint64_t>(from.value()) << 32) | static_cast<std::uint32_t>(to.value()));
  write(hash_of(message.head));
  for (const Payload& attachment : message.attachments) write(hash_of(attachment.bytes()));
}

void Simulation::run() { run_until(kEndOfTime); }

void Simulation::run_until(SimTime end) {
  while (unfinished_ > 0 && events_.next_at() < end) handle(events_.pop());
  WEIR_CHECK(unfinished_ == 0 || !events_.empty(), "the world stands still and has not finished");
}

void Simulation::handle(const SimEvent& event) {
  Node& its_node = node(event.rank);
  ++event_count_;
  now_ = event.at;
  const Instant local = its_node.clock.local(now_);
  if (event.letter != kNoLetter) {
    its_node.agent->on_message(its_node.transport->open(event.letter), local);
  }
  work(its_node, local);
}

// One round of a rank: what it has sent to itself, then whatever is due.
void Simulation::work(Node& its_node, Instant local) {
  NodeAgent& agent = *its_node.agent;
  Instant next{};
  do {
    while (its_node.transport->has_message()) {
      agent.on_message(std::move(*its_node.transport->try_receive()), local);
    }
    agent.on_wakeup(local);
    next = agent.next_wakeup();
  } while (!agent.finished() && (its_node.transport->has_message() || next <= local));
  if (!its_node.finished && agent.finished()) {
    its_node.finished = true;
    --unfinished_;
  }
  schedule_wakeup(its_node, next);
}

void Simulation::schedule_wakeup(Node& its_node, Instant next) {
  const SimTime scheduled = events_.wakeup(its_node.id);
  if (its_node.finished || (next == its_node.wakeup && scheduled != kEndOfTime)) return;
  its_node.wakeup = next;
  const SimTime at = its_node.clock.global(next);
  if (at != scheduled) events_.set_wakeup(at, its_node.id);
}

NodeAgent& Simulation::agent(RankId rank) { return *node(rank).agent; }

const TimerExecutor& Simulation::executor(RankId rank) const { return node(rank).executor; }

TransportCounts Simulation::transport_counts(RankId rank) const {
  return node(rank).transport->counts();
}

Duration Simulation::busy(RankId rank) const {
  return node(rank).executor.load(node(rank).clock.local(now_)).busy;
}

}  // namespace weir
