#include "runtime/control/node_agent.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A round of the loop takes at most this many tasks from the source, so that messages are not kept
// waiting.
constexpr int kMaxPulledPerRound = 512;

bool runs_tasks(const NodeAgentOptions& options, RankId self) {
  return !options.place || options.place->runs_tasks(self);
}

NodeAgentOptions completed(NodeAgentOptions options, const NodeAgentParts& parts) {
  options.meter.runs_tasks = runs_tasks(options, parts.transport.rank());
  options.hand_over.asks_for_work = parts.policy.steals() && options.meter.runs_tasks;
  options.host.keeps_latencies = parts.policy.probes();
  // A slow node has more tasks at work, which would look like contention.
  options.node_control.regime |= options.node_control.limits;
  options.meter.detects_regime = options.node_control.regime;
  options.meter.finds_limits = options.node_control.limits;
  // A worker that is free has to ask for work: noticed late, it idles.
  if (parts.policy.binds_late()) options.timer_slack = Duration(0);
  if (options.suspicion.after > Duration::zero()) {
    const Duration rarest = std::max(options.report_interval, options.heartbeat);
    options.suspicion.after = std::max(options.suspicion.after, 4 * rarest);
    options.hand_over.patience = options.suspicion.after;
    if (options.survival) options.suspicion.lost_after = options.survival->out_after;
  }
  options.host.credit_portion = std::max(1u, options.router.credit_per_node / 4);
  return options;
}

// What the seed governs beside the phase of reports and the policy.
constexpr std::uint64_t kTokenPart = 0x746f6b656e;

Random random_of(const NodeAgentOptions& options, RankId self, std::uint64_t part) {
  return Random(options.seed ^ part, static_cast<std::uint64_t>(self.value()));
}

TreePlace place_of(const NodeAgentOptions& options, const Transport& transport) {
  return options.place ? *options.place : flat_tree_place(transport.rank(), transport.rank_count());
}

Duration report_interval(const NodeAgentOptions& options, int rank_count) {
  if (options.report_interval > Duration::zero()) return options.report_interval;
  const bool is_flat = !options.place || options.place->cluster.empty();
  return usual_report_interval(is_flat ? rank_count
                                       : static_cast<int>(options.place->cluster.size()));
}

// In a tree, nodes go by their own rule when what they were told is older than three ticks.
constexpr int kLifetimeInTree = 3;

CoordinatorOptions coordinator_options(const NodeAgentOptions& options, int rank_count,
                                       const NodeAgentParts& parts) {
  const Policy& policy = parts.policy;
  const Duration interval = report_interval(options, rank_count);
  std::optional<MigrationOptions> migration;
  if (options.migrates) {
    // A node that has nothing to say is heard of once in a heartbeat.
    migration = {.interval = interval, .oldest = 2 * options.heartbeat + interval};
  }
  return {.interval = interval,
          .advice_interval = std::max(options.advice_interval, interval),
          .lifetime_ticks = policy.follows_tree() ? kLifetimeInTree : AdviceDesk::kUsualLifetime,
          .node_count = rank_count,
          .dispatcher_count = options.dispatcher_count,
          .all_read = policy.steals(),
          .migration = migration,
          .move_observer = parts.moves,
          .longest_silence = options.suspicion.after / 2,
          .capacity = options.capacity,
          .demand = parts.demand,
          .adviser = parts.adviser,
          .online = options.online,
          .learning = parts.learning};
}

}  // namespace

NodeAgent::NodeAgent(const NodeAgentOptions& options, const NodeAgentParts& parts)
    : options_(completed(options, parts)),
      transport_(parts.transport),
      executor_(parts.executor),
      policy_(parts.policy),
      sink_(parts.sink),
      source_(parts.source),
      copies_(parts.copies),
      self_(parts.transport.rank()),
      place_(place_of(options, parts.transport)),
      cluster_(self_, transport_.rank_count(), options.dispatcher_count, place_),
      router_(self_, options_.router, policy_, cluster_, transport_),
      unbound_(self_, policy_, cluster_, table_, transport_),
      meter_(self_, options_.meter, executor_, parts.telemetry),
      host_(self_, options_.host, executor_, meter_, transport_),
      allocator_(options_.node_control, executor_, meter_, parts.limits),
      desk_(self_, options_.hand_over, executor_, host_, cluster_, transport_,
            Random(options.seed, ~static_cast<std::uint64_t>(self_.value()))),
      tokens_(self_, options.dispatcher_count, executor_, policy_, transport_,
              random_of(options, self_, kTokenPart)),
      reports_(self_,
               {place_.leaf, report_interval(options, transport_.rank_count()), options.heartbeat},
               meter_, cluster_, policy_, transport_, random_of(options, self_, 0)),
      coordinators_(self_, place_.roles,
                    coordinator_options(options_, transport_.rank_count(), parts), parts.advisors,
                    transport_),
      guide_(place_),
      suspicion_(options_.suspicion) {
  if (options_.survival) {
    WEIR_CHECK(suspicion_.is_on(), "who never suspects never finds that a rank has died");
    survival_.emplace(self_, transport_.rank_count(), options_.dispatcher_count,
                      *options_.survival);
  }
  if (options_.online != OnlineLearning::kOff) next_samples_ = Instant{};
  if (!options_.capacity) return;
  const int workers = options_.meter.runs_tasks ? executor_.promised_worker_count() : 0;
  capacity_.emplace(workers * options_.meter.speed, options_.meter.class_count, executor_, meter_);
}

bool NodeAgent::submit(Task& task, Instant now, RankId target, RankId preferred) {
  if (table_.size() >= options_.max_in_flight && task.header.depth == 0) return false;
  ++counts_.submitted;
  desk_.on_submitted();
  if (capacity_) capacity_->on_submitted(task.header.task_class);
  task.header.home = self_;
  if (target != kNoRank) task.header.flags |= kPinned;
  TaskEntry& entry = table_.add(std::move(task));
  entry.target = target;
  place(entry, now, preferred);
  return true;
}

void NodeAgent::place(TaskEntry& entry, Instant now, RankId preferred) {
  entry.placed = now;
  if (policy_.binds_late() && entry.target == kNoRank) {
    entry.node = kNoRank;
    unbound_.add(entry.header, now);
    return;
  }
  const RankId named = entry.target == kNoRank ? preferred : entry.target;
  entry.node = router_.route(entry.header, entry.payload, named, now);
  if (policy_.probes()) send_probes(now);
}

void NodeAgent::send_probes(Instant now) {
  probed_.clear();
  policy_.choose_probes(cluster_.view(now), probed_);
  for (const RankId node : probed_) transport_.send(node, Probe{});
}

void NodeAgent::stop_admission() {
  if (stopped_) return;
  stopped_ = true;
  tell_all_others(StopAdmission{});
}

void NodeAgent::on_message(Envelope envelope, Instant now) {
  last_heard_ = now;
  suspicion_.on_event(now);
  if (survival_ && !heeds(envelope, now)) return;
  on_sign(envelope.from, now, now);
  std::visit([&](auto& message) { handle(message, envelope.from, now); }, envelope.message);
}

void NodeAgent::on_wakeup(Instant now) {
  if (survival_ && survival_->has_ended()) return;
  last_heard_ = now;
  suspicion_.on_event(now);
  if (options_.check_invariants) check_invariants(now);
  const std::uint64_t sent_before = transport_.counts().messages_sent;
  if (now >= directive_expires_) {
    directive_expires_ = kNever;
    policy_.on_directive_expired();
  }
  if (suspicion_.is_due(now)) look_for_silent(now);
  if (survival_) send_copy_if_due(now);
  pull_from_source(now);
  if (!left_.empty()) keep_off_those_who_left(now);
  move_work(now);
  if (capacity_ && now >= capacity_->next_due()) tell_capacity(now);
  if (now >= next_samples_) tell_samples(now);
  allocator_.on_round(now);
  if (policy_.binds_late()) bind_late(now);
  desk_.seek_work(now);
  if (policy_.wants_tokens() && options_.meter.runs_tasks) tokens_.send(now);
  if (reports_.is_due(now) || coordinators_.is_due(now)) {
    // Work leaves first, and the next round comes at once, because the report is due.
    const bool work_leaves = transport_.counts().messages_sent != sent_before;
    report_waits_ = work_leaves && !report_waits_;
    if (!report_waits_) tell(now);
    coordinators_.ask_advisors(now);
  }
  if (coordinators_.empty()) return;
  coordinators_.hand_out_advice(now);
  hear_coordinators(now);
  if (coordinators_.has_root()) count_if_due(now);
}

Instant NodeAgent::next_wakeup() const {
  Instant timer = executor_.next_end();
  if (source_ != nullptr && !stopped_ && takes_from_source()) {
    timer = std::min(timer, source_->next_due());
  }
  Instant next = timer == kNever ? kNever : timer + options_.timer_slack;
  next = std::min(next, reports_.next_due(last_heard_));
  next = std::min(next, desk_.next_wakeup(last_heard_));
  next = std::min(next, host_.reservations().next_wakeup(last_heard_));
  next = std::min(next, router_.next_look());
  if (capacity_) next = std::min(next, capacity_->next_due());
  if (survival_ && copies_ != nullptr) next = std::min(next, survival_->next_copy());
  if (table_.size() > 0) next = std::min(next, next_samples_);
  if (coordinators_.empty()) return next;
  next = std::min({next, coordinators_.next_due(), coordinators_.next_answer()});
  if (coordinators_.has_root() && exhausted() && table_.size() == 0) {
    next = std::min(next, coordinators_.next_count());
  }
  return next;
}

NodeAgentCounts NodeAgent::counts() const {
  NodeAgentCounts counts = counts_;
  counts.decisions = router_.decision_count() + unbound_.decision_count();
  counts.limit_decisions = allocator_.offsets().decisions();
  counts.limits_differing = allocator_.offsets().differing();
  for (const CoordinatorRole& role : place_.roles) {
    counts.most_children = std::max<std::uint64_t>(counts.most_children, role.children.size());
  }
  counts.control_messages =
      reports_.sent_count() + coordinators_.sent_count() + answers_sent_ + reports_sent_;
  return counts;
}

void NodeAgent::pull_from_source(Instant now) {
  if (source_ == nullptr || stopped_) return;
  for (int i = 0; i < kMaxPulledPerRound && source_->next_due() <= now; ++i) {
    if (!takes_from_source()) return;
    Task task = source_->take();
    if (!submit(task, now)) drop_at_home(std::move(task), now);
  }
}

bool NodeAgent::takes_from_source() const {
  return options_.overflow == Overflow::kDrop || table_.size() < options_.max_in_flight;
}

void NodeAgent::drop_at_home(Task task, Instant now) {
  ++counts_.submitted;
  ++counts_.completed;
  ++counts_.dropped;
  ++counts_.never_ran;
  if (capacity_) {
    capacity_->on_submitted(task.header.task_class);
    capacity_->on_completed(task.header.task_class);
  }
  task.header.home = self_;
  CompletedTask dropped{.header = task.header, .status = TaskStatus::kDropped, .node = kNoRank};
  dropped.response = now - task.header.arrival;
  sink_.on_completed(std::move(dropped), now);
}

// Sends out what was placed, and takes in what has ended. Twice, because a failed task may have
// been placed again.
void NodeAgent::move_work(Instant now) {
  send_out(now);
  local_ends_.clear();
  host_.collect(now, local_ends_);
  for (TaskEnd& end : local_ends_) on_end(std::move(end), self_, now);
  send_out(now);
}

// Again while tasks that could not be serialized were placed once more: each has its retries.
void NodeAgent::send_out(Instant now) {
  router_.look(now);
  if (!router_.has_unsent()) return;
  last_work_ = now;
  do {
    local_tasks_.clear();
    unsendable_.clear();
    router_.flush(local_tasks_, unsendable_);
    if (!local_tasks_.empty()) {
      tokens_.on_arrivals(local_tasks_.size());
      host_.accept_local(std::exchange(local_tasks_, {}), now);
    }
    for (TaskEnd& end : unsendable_) on_unsendable(std::move(end), now);
  } while (!unsendable_.empty());
}

// Reservations leave, and free workers ask. This rank's own home answers at once: as long as it
// has tasks for a worker or says that they are gone, there may be more to ask for.
void NodeAgent::bind_late(Instant now) {
  for (;;) {
    UnboundTasks::Own own = unbound_.flush();
    handle(own.reserved, self_, now);
    handle(own.cancelled, self_, now);
    TaskRequest wanted = host_.reservations().ask(now);
    if (wanted.wanted.empty()) break;
    handle(wanted, self_, now);
  }
}

void NodeAgent::handle(TaskBatch& m, RankId from, Instant now) {
  last_work_ = now;
  tokens_.on_arrivals(m.tasks.size());
  host_.accept_placed(from, std::move(m.tasks), now);
  desk_.on_placed();
}

void NodeAgent::handle(EndBatch& m, RankId from, Instant now) {
  for (TaskEnd& end : m.ends) on_end(std::move(end), from, now);
}

void NodeAgent::handle(CreditReturn& m, RankId from, Instant) {
  router_.on_credit(from, m.task_count);
}

void NodeAgent::handle(StealRequest& m, RankId from, Instant now) {
  for (TaskEnd& end : desk_.on_request(from, m, now)) on_end(std::move(end), self_, now);
}

void NodeAgent::handle(HandOver& m, RankId from, Instant now) {
  desk_.on_offer(from, std::move(m), now);
  tell_what_moved(now);
}

void NodeAgent::handle(HandOverAnswer& m, RankId from, Instant now) {
  MovedBatch own = desk_.on_answer(from, m, now);
  handle(own, self_, now);
  tell_what_moved(now);
}

void NodeAgent::handle(MovedBatch& m, RankId, Instant) {
  for (const auto& move : m.moves) {
    TaskEntry* entry = table_.find_attempt(move.id, move.attempt);
    if (entry == nullptr) continue;  // Its end came before the news of its move.
    note_move(*entry, m.owner);
  }
}

void NodeAgent::note_move(TaskEntry& entry, RankId owner) {
  cluster_.on_moved(entry.node, owner, entry.header.task_class);
  entry.node = owner;
  if (!std::exchange(entry.moved, true)) ++counts_.moved;
}

void NodeAgent::handle(IdleToken&, RankId from, Instant) { policy_.on_token(from); }

void NodeAgent::handle(StopAdmission&, RankId, Instant) { stopped_ = true; }

void NodeAgent::handle(Probe&, RankId from, Instant now) {
  transport_.send(from, host_.probe_answer(now));
}

void NodeAgent::handle(ProbeAnswer& m, RankId from, Instant now) {
  const auto in_flight = static_cast<double>(m.in_flight);
  const auto cores = static_cast<double>(m.worker_count);
  policy_.on_probe_answer({from, in_flight, cores, m.latency}, now);
}

void NodeAgent::handle(ReservationBatch& m, RankId from, Instant) {
  host_.reservations().add(from, m);
}

void NodeAgent::handle(Cancellation& m, RankId from, Instant) {
  host_.reservations().cancel(from, m);
}

void NodeAgent::handle(TaskRequest& m, RankId from, Instant now) {
  std::vector<TaskEnd> failed;
  RequestAnswer answer = unbound_.on_request(from, m, failed);
  if (from == self_) {
    handle(answer, self_, now);
  } else {
    transport_.send(from, std::move(answer));
  }
  for (TaskEnd& end : failed) on_unsendable(std::move(end), now);
}

void NodeAgent::handle(RequestAnswer& m, RankId from, Instant now) {
  host_.accept_requested(from, std::move(m), now);
}

bool NodeAgent::exhausted() const {
  if (source_ != nullptr) return stopped_ || source_->exhausted();
  return closed_ || stopped_;
}

void NodeAgent::tell_all_others(const Message& message) {
  for (int i = 0; i < transport_.rank_count(); ++i) {
    if (RankId(i) != self_) transport_.send(RankId(i), message);
  }
}

}  // namespace weir
