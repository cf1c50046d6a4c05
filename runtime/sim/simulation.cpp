#include "runtime/sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include "ml/inference/learned_planner.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/random.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/sim/simulation_node.hpp"

namespace weir {
Simulation::Simulation(const SimulationOptions& options, const SourceMaker& make_source,
                       SimulationSink& sink)
    : network_(simulated_network(options), simulated_rank_count(options)),
      faults_(options.faults, options.seed),
      plan_(options.faults, options.parking),
      events_(simulated_rank_count(options)),
      somebody_dies_(!options.faults.deaths.empty()),
      drain_limit_(options.faults.drain_limit) {
  const int count = simulated_rank_count(options);
  WEIR_CHECK(options.dispatcher_count > 0 && options.dispatcher_count <= count,
             "a simulation without dispatchers, or with more than ranks");
  const auto fewest = std::ranges::min_element(options.nodes.types, {}, &EmulatedNodeType::cores);
  const double min_node_cores = fewest->cores;
  if (is_learned(options.policy)) {
    estimator_ = service_estimator_of(options.weights);
    prices_ = price_network_of(options.control);
  }
  limits_ = learned_limits_of(options.limit_control);
  if (options.policy == kOraclePolicy) oracle_ = std::make_unique<OracleView>(now_, options.oracle);
  if (options.capacity.control == CapacityControl::kForecast) {
    demand_ = std::make_unique<LearnedDemand>(options.capacity.forecast);
  }
  if (options.capacity.control == CapacityControl::kPerfect) {
    demand_ = options.make_known_demand(now_);
  }
  if (options.capacity.control != CapacityControl::kFixed) {
    adviser_ = learned_capacity_of(options.capacity.adviser);
  }
  for (int rank = 0; rank < count; ++rank) {
    add_node(options, RankId(rank), min_node_cores, make_source, sink);
  }
  unfinished_ = count;
  while (plan_.next_at() == SimTime{}) {
    const NodeChange first = plan_.take();
    change(node(first.rank), first.kind);
  }
  for (const auto& each : nodes_) {
    if (!each->stopped && !each->is_dead()) work(*each, each->clock.local(now_));
  }
  if (somebody_dies_ && submitting_ == 0) drain_ends_ = SimTime(drain_limit_);
}

Simulation::~Simulation() = default;

void Simulation::post(std::uint32_t letter, bool is_report) {
  const RankId from = letters_[letter].from;
  const RankId to = letters_[letter].to;
  write_journal(from, to, letters_[letter].message);
  const int copies = faults_.draw_copies(is_report);
  for (int further = 1; further < copies; ++further) {
    const std::uint32_t copy = letters_.take();
    letters_[copy] = letters_[letter];
    take_on_way(copy);
  }
  if (copies > 0) {
    take_on_way(letter);
  } else {
    letters_.give_back(letter);
  }
}

void Simulation::take_on_way(std::uint32_t letter) {
  const Letter& sent = letters_[letter];
  const auto next =
      network_.send(sent.from, sent.to, size_of(sent.message), letter, faults_.draw_delay(), now_);
  events_.push_link(next.at, next.link);
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
  while (unfinished_ > 0) {
    const SimTime next = std::min(events_.next_at(), plan_.next_at());
    gave_up_ = next >= drain_ends_ && drain_ends_ < kEndOfTime;
    if (gave_up_ || next >= end) {
      WEIR_CHECK(next < kEndOfTime || gave_up_, "the world stands still and has not finished");
      return;
    }
    if (plan_.next_at() == next) {
      apply(plan_.take());
    } else {
      handle(events_.pop());
    }
  }
}

void Simulation::handle(const SimEvent& event) {
  now_ = event.at;
  if (event.link != kNoLink) {
    look_at_link(event.link);
    return;
  }
  Node& its_node = node(event.rank);
  if (its_node.stopped || its_node.is_dead()) return;
  ++event_count_;
  work(its_node, its_node.clock.local(now_));
}

void Simulation::look_at_link(std::uint32_t link) {
  const NetworkModel::Outcome outcome = network_.look(link, now_);
  if (outcome.goes_on) events_.push_link(outcome.goes_on->at, outcome.goes_on->link);
  if (outcome.again) events_.push_link(outcome.again->at, outcome.again->link);
  if (!outcome.arrived) return;
  const std::uint32_t letter = *outcome.arrived;
  Node& receiver = node(letters_[letter].to);
  if (receiver.is_dead()) {
    letters_.give_back(letter);
  } else if (receiver.stopped) {
    receiver.held.push_back(letter);
  } else {
    ++event_count_;
    const Instant local = receiver.clock.local(now_);
    receive(receiver, letter, local);
    work(receiver, local);
  }
}

void Simulation::receive(Node& receiver, std::uint32_t letter, Instant local) {
  receiver.agent->on_message(receiver.transport->open(letter), local);
}

void Simulation::apply(const NodeChange& planned) {
  now_ = planned.at;
  Node& its_node = node(planned.rank);
  change(its_node, planned.kind);
  if (its_node.stopped || its_node.is_dead()) return;
  const Instant local = its_node.clock.local(now_);
  for (const std::uint32_t letter : std::exchange(its_node.held, {})) {
    receive(its_node, letter, local);
  }
  work(its_node, local);
}

void Simulation::change(Node& its_node, NodeChange::Kind kind) {
  const Instant local = its_node.clock.local(now_);
  switch (kind) {
    case NodeChange::Kind::kStop:
      its_node.stopped = true;
      break;
    case NodeChange::Kind::kContinue:
      its_node.stopped = false;
      break;
    case NodeChange::Kind::kDie:
      its_node.dies = now_;
      if (its_node.parkable != nullptr) its_node.parkable->die(local);
      if (!its_node.finished) --unfinished_;
      note_submitting(its_node);
      break;
    case NodeChange::Kind::kPark:
      its_node.parkable->park(local);
      break;
    case NodeChange::Kind::kCallBack:
      its_node.parkable->call_back(local);
      break;
    case NodeChange::Kind::kReady:
      its_node.parkable->ready(local);
      break;
  }
  tell_oracle(its_node);
}

void Simulation::tell_oracle(const Node& its_node) {
  if (!oracle_) return;
  const bool works = its_node.executor->worker_count() > 0;
  oracle_->set_available(its_node.id, works && !its_node.stopped && !its_node.is_dead());
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
  if (its_node.parkable != nullptr) tell_oracle(its_node);
  if (somebody_dies_) note_submitting(its_node);
  schedule_wakeup(its_node, next);
}

// What is due and still not taken waits for tasks of this home to complete, which may be lost.
void Simulation::note_submitting(Node& its_node) {
  const TaskSource* source = its_node.source.get();
  const bool more = source != nullptr && !its_node.is_dead() && !source->exhausted() &&
                    source->next_due() > its_node.clock.local(now_);
  if (more == its_node.submitting) return;
  its_node.submitting = more;
  submitting_ += more ? 1 : -1;
  drain_ends_ = submitting_ == 0 ? now_ + drain_limit_ : kEndOfTime;
}

void Simulation::schedule_wakeup(Node& its_node, Instant next) {
  const SimTime scheduled = events_.wakeup(its_node.id);
  if (its_node.finished || (next == its_node.wakeup && scheduled != kEndOfTime)) return;
  its_node.wakeup = next;
  const SimTime at = its_node.clock.global(next);
  if (at != scheduled) events_.set_wakeup(at, its_node.id);
}

NodeAgent& Simulation::agent(RankId rank) { return *node(rank).agent; }

TransportCounts Simulation::transport_counts(RankId rank) const {
  return node(rank).transport->counts();
}

ExecutorLoad Simulation::load(RankId rank) const {
  const Node& its_node = node(rank);
  return its_node.executor->load(its_node.clock.local(std::min(now_, its_node.dies)));
}

Duration Simulation::powered(RankId rank) const {
  const Node& its_node = node(rank);
  if (its_node.parkable != nullptr) {
    return its_node.parkable->powered(its_node.clock.local(now_));
  }
  return std::min(now_, its_node.dies).time_since_epoch();
}

}  // namespace weir
