#include "runtime/session/session_core.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <iterator>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/exec/signals_blocked.hpp"
#include "runtime/session/placement_wish.hpp"
#include "runtime/session/running_call.hpp"

namespace weir {
namespace {

// Ids of tasks that an application submits: the upper half of the stream numbers, one for each
// rank, so that no two ranks make the same one. Their digest means nothing, and nobody asks for it.
constexpr std::uint16_t kFirstSessionStream = 0x8000;

// Tasks of a session may be as short as they like, and what is under way to a node is used up while
// two threads are woken, to give credit back and to send more: at two million a second, so many
// last 4 ms. Figures in tools/bench/README.md.
constexpr std::uint32_t kCreditPerNode = 8192;

constexpr const char* kEnded = "the session has ended, or is ending: no task can be submitted";

void run_local_call(TaskContext& context, const Payload& payload, Bytes&) {
  static_cast<const LocalCall&>(*payload.object()).run(context);
}

}  // namespace

SessionCore::SessionCore(std::unique_ptr<MpiContext> mpi, SessionOptions options)
    : options_(std::move(options)),
      mpi_(std::move(mpi)),
      data_(*this, {.self = mpi_->rank(),
                    .rank_count = mpi_->rank_count(),
                    .max_cached_bytes = options_.max_cached_bytes}),
      credit_(options_.max_in_flight) {
  if (options_.progress == Progress::kCaller) control_thread_ = std::this_thread::get_id();
  add_kind("weir.local_call", run_local_call, {});
  mpi_->at_finalize([this] { end(); });
}

KindId SessionCore::add_kind(std::string name, TaskFunction function, KindOptions options) {
  if (runtime_ != nullptr) {
    throw std::logic_error("the task " + name + " was defined after start()");
  }
  return kinds_.add(
      std::move(name),
      [this, function = std::move(function)](TaskContext& context, const Payload& payload,
                                             Bytes& result) {
        if (paused_.load(std::memory_order_acquire)) stop_at_gate(context);
        if (begins_no_task_.load(std::memory_order_acquire)) refuse_to_begin(context);
        const RunningCall call(*this, context);
        function(context, payload, result);
      },
      options);
}

void SessionCore::start() {
  WEIR_CHECK(mpi_->rank_count() <= kFirstSessionStream, "more ranks than numbers for their tasks");
  if (finished()) throw std::logic_error(kEnded);
  if (runtime_ != nullptr) throw std::logic_error("the session was started before");
  if (mpi_->has_left()) {
    throw std::logic_error("the session was to start before, and a rank did not begin with it");
  }
  NodeRuntimeOptions runtime;
  runtime.policy = options_.policy;
  runtime.seed = options_.seed;
  runtime.worker_count = options_.worker_count;
  runtime.class_count = options_.class_count;
  runtime.max_retries = options_.max_retries;
  runtime.max_in_flight = options_.max_in_flight;
  runtime.credit_per_node = kCreditPerNode;
  runtime.switch_file = options_.switch_file;
  runtime.tasks_split = true;
  runtime.settings = "class_count=" + std::to_string(options_.class_count) +
                     "\nmax_retries=" + std::to_string(options_.max_retries) +
                     "\nseed=" + std::to_string(options_.seed) +
                     "\nswitch_file=" + options_.switch_file;
  runtime.on_worker_start = RunningCall::note_worker;
  runtime.wrap_executor = [this](std::unique_ptr<Executor> inner) {
    auto own = std::make_unique<SessionExecutor>(std::move(inner), kinds_, promises_);
    executor_ = own.get();
    return own;
  };
  owned_runtime_ = std::make_unique<NodeRuntime>(*mpi_, kinds_, std::move(runtime));
  runtime_ = owned_runtime_.get();
  try {
    if (options_.progress == Progress::kCaller) {
      begin();
    } else {
      begin_on_own_thread();
    }
    mpi_->gather_to_all({});  // From here on every rank can say farewell.
  } catch (...) {
    mpi_->decline(false);
    started_.store(false, std::memory_order_release);
    throw;
  }
}

void SessionCore::begin_on_own_thread() {
  std::promise<void> to_begin;
  std::future<void> begun = to_begin.get_future();
  {
    const SignalsBlocked inherited_by_the_thread;
    thread_ = std::thread([this, to_begin = std::move(to_begin)]() mutable {
      pthread_setname_np(pthread_self(), "weir-control");
      control_thread_ = std::this_thread::get_id();
      try {
        begin();
      } catch (...) {
        to_begin.set_exception(std::current_exception());
        return;
      }
      to_begin.set_value();
      runtime_->loop().run();
    });
  }
  begun.wait();
  if (!started_.load(std::memory_order_acquire)) thread_.join();
  begun.get();
}

void SessionCore::begin() {
  agent_ = &runtime_->begin(*this, nullptr);
  runtime_->drive(*this);
  started_.store(true, std::memory_order_release);
}

int SessionCore::worker_count() const {
  require_started();
  return runtime_->worker_count();
}

std::uint64_t SessionCore::failed_count() const {
  return failed_.load(std::memory_order_relaxed) + spawn_error_count();
}

std::uint64_t SessionCore::spawn_error_count() const {
  return started_.load(std::memory_order_acquire) ? executor_->spawn_counts().failed : 0;
}

void SessionCore::require_started() const {
  if (!started_.load(std::memory_order_acquire)) {
    if (finished()) throw std::logic_error(kEnded);
    if (runtime_ != nullptr) throw std::logic_error("the session did not start on all ranks");
    throw std::logic_error(
        "the session has not been started: call start() after the last define()");
  }
}

void SessionCore::require_defined(KindId kind) {
  if (kind != kLocalCallKind) return;
  throw std::logic_error("there is no task kind here: use what define() returned");
}

int SessionCore::memory_domain_count() const {
  require_started();
  return static_cast<int>(executor_->memory_domain_sizes().size());
}

// Of other ranks this one does not know.
void SessionCore::require_domain(int domain, RankId target) const {
  const int most = target == rank() ? memory_domain_count() : int{kAnyMemoryDomain};
  if (domain >= 0 && domain < most) return;
  const std::string problem = "there is no memory domain " + std::to_string(domain);
  throw std::logic_error(problem +
                         (target == rank() ? " of this rank: it has " : ": there are at most ") +
                         std::to_string(most) + ", from 0 on");
}

// Of what this thread submits.
std::uint16_t SessionCore::depth_here() {
  if (const TaskContext* const here = TaskContext::on_this_thread()) {
    return depth_below(here->depth());
  }
  const RunningCall* const call = RunningCall::top();
  return call == nullptr ? std::uint16_t{0} : depth_below(call->context().depth());
}

Submission SessionCore::make_submission(const SubmitOptions& options, KindId kind, Payload payload,
                                        std::shared_ptr<FutureState> future) const {
  require_started();
  const auto is_rank = [this](RankId rank) {
    return rank.value() >= kNoRank.value() && rank.value() < mpi_->rank_count();
  };
  if (options.task_class.value() >= options_.class_count || !is_rank(options.target) ||
      !is_rank(options.prefer)) {
    throw std::logic_error(
        "there is no such class or rank: class " + std::to_string(options.task_class.value()) +
        " of " + std::to_string(options_.class_count) + ", target rank " +
        std::to_string(options.target.value()) + ", preferred rank " +
        std::to_string(options.prefer.value()) + " of " + std::to_string(mpi_->rank_count()));
  }
  if (options.memory_domain) require_domain(*options.memory_domain, options.target);
  const Instant now = runtime_->clock().now();
  Submission made;
  TaskHeader& header = made.task.header;
  header.kind = kind;
  header.task_class = options.task_class;
  header.priority = options.priority;
  header.cost_hint = options.cost_hint;
  header.flags = options.no_rerun ? kNoRerun : 0;
  header.arrival = now;
  header.depth = depth_here();
  if (options.memory_domain) {
    header.memory_domain = static_cast<std::uint16_t>(*options.memory_domain);
  }
  if (options.deadline) header.deadline = now + *options.deadline;
  made.task.payload = std::move(payload);
  made.target = options.target;
  made.prefer = options.prefer;
  made.reads = options.reads;
  made.future = std::move(future);
  return made;
}

void SessionCore::submit(Submission submission) {
  if (may_drive()) {
    // Where the home is full its own progress makes room.
    if (!accept(submission, submission.task.header.arrival)) drive_until_accepted(submission);
    return;
  }
  if (!on_control_thread() && !RunningCall::on_worker()) wait_for_room();
  promises_.make();
  if (hand_in(submission)) return;
  promises_.keep();
  throw std::logic_error(kEnded);
}

bool SessionCore::has_room() const {
  require_started();
  if (may_drive()) return backlog_.empty() && agent_->in_flight() < options_.max_in_flight;
  return in_flight_.load(std::memory_order_seq_cst) + handed_in_.load(std::memory_order_acquire) <
         options_.max_in_flight;
}

bool SessionCore::hand_in(Submission& submission) {
  handed_in_.fetch_add(1, std::memory_order_acq_rel);
  switch (submissions_.push(submission)) {
    case Submissions::Taken::kClosed:
      handed_in_.fetch_sub(1, std::memory_order_acq_rel);
      return false;
    case Submissions::Taken::kFirst:
      runtime_->wake();
      return true;
    case Submissions::Taken::kAnother:
      return true;
  }
  return false;
}

bool SessionCore::accept(Submission& submission, Instant now) {
  if (submission.future != nullptr && submission.future->is_ready()) return true;  // Cancelled.
  if (agent_->has_left(submission.target)) {
    fail_without_target(submission);
    return true;
  }
  const std::uint16_t depth = submission.task.header.depth;
  if (!credit_.has_room(depth, agent_->in_flight())) return false;
  credit_.on_begun(depth);
  const TaskId id =
      make_task_id(StreamId(static_cast<std::uint16_t>(kFirstSessionStream + mpi_->rank().value())),
                   next_index_++);
  submission.task.header.id = id;
  if (submission.future != nullptr) {
    submission.future->set_task(id);
    futures_.emplace(id, std::move(submission.future));
  }
  const RankId there = wish_of(submission, now);
  // Nothing runs inside: the agent only notes where the task is to go.
  const bool is_taken = agent_->submit(submission.task, now, submission.target, there);
  WEIR_CHECK(is_taken, "the agent refused a task that it has room for");
  if (!submission.reads.empty()) {
    const TaskEntry* const entry = agent_->tasks().find(id);
    if (entry != nullptr) holders_.note(submission.reads, entry->node);
  }
  return true;
}

void SessionCore::fail_without_target(const Submission& submission) {
  const std::string text = "the session has ended on rank " +
                           std::to_string(submission.target.value()) +
                           ", where this task was to run";
  const bool is_new =
      submission.future == nullptr || submission.future->settle_failed(text, rank());
  if (is_new) count_failed();
}

// Where the policy is not to choose, though it may; else none.
RankId SessionCore::wish_of(const Submission& submission, Instant now) const {
  if (submission.target != kNoRank) return kNoRank;
  if (submission.prefer == kNoRank && submission.reads.empty()) return kNoRank;
  const ClusterView view{.nodes = agent_->cluster().nodes(),
                         .self = mpi_->rank(),
                         .dispatcher_count = static_cast<double>(mpi_->rank_count()),
                         .now = now};
  const ClassId task_class = submission.task.header.task_class;
  if (submission.prefer != kNoRank) {
    return wish_as_asked(view, task_class, submission.prefer, options_.prefer_patience);
  }
  std::vector<double> fetch_seconds(view.nodes.size(), 0);
  for (const DataRef& ref : submission.reads) {
    const double its_s = data_.fetch_seconds(ref.byte_count);
    for (std::size_t i = 0; i < view.nodes.size(); ++i) {
      if (!holders_.has(ref, view.nodes[i].rank)) fetch_seconds[i] += its_s;
    }
  }
  return wish_by_data(view, task_class, fetch_seconds);
}

void SessionCore::take_submissions(Instant now) {
  const auto on_accepted = [&] {
    promises_.keep();  // The agent counts it from now on.
    in_flight_.store(agent_->in_flight(), std::memory_order_seq_cst);
    handed_in_.fetch_sub(1, std::memory_order_acq_rel);
  };
  backlog_.give([&](Submission& one) { return accept(one, now); }, on_accepted);
  if (!submissions_.has_some()) return;
  submissions_.take(taken_);
  for (Submission& one : taken_) {
    if (!backlog_.has(one.task.header.depth) && accept(one, now)) {
      on_accepted();
    } else {
      backlog_.add(std::move(one));
    }
  }
  taken_.clear();
}

void SessionCore::on_completed(CompletedTask task, Instant) {
  std::shared_ptr<FutureState> future;
  if (!futures_.empty()) {
    const auto found = futures_.find(task.header.id);
    if (found != futures_.end()) {
      future = std::move(found->second);
      futures_.erase(found);
    }
  }
  credit_.on_completed(task.header.depth);
  // Who hears of its end may ask for room at once.
  in_flight_.store(agent_->in_flight(), std::memory_order_seq_cst);
  using Status = FutureState::Status;
  const bool failed = task.status != TaskStatus::kDone;
  const bool is_new = future == nullptr || future->settle(failed ? Status::kFailed : Status::kDone,
                                                          task.node, std::move(task.result));
  // Otherwise it was cancelled, or counted where it failed.
  if (failed && is_new) count_failed();
}

void SessionCore::on_message(Envelope envelope, Instant now) {
  const auto known = std::ranges::find(farewells_, envelope.from, &Leaver::first);
  const auto* const farewell = std::get_if<Farewell>(&envelope.message);
  if (known != farewells_.end()) {
    if (farewell != nullptr) on_second_farewell(*known, *farewell);
    return;
  }
  if (farewell != nullptr) on_farewell(*farewell, envelope.from);
  if (finished()) return;  // The others count on nothing here.
  if (const auto* const request = std::get_if<DataRequest>(&envelope.message)) {
    return data_.on_request(*request, envelope.from, runtime_->transport());
  }
  if (auto* const answer = std::get_if<DataAnswer>(&envelope.message)) {
    return data_.on_answer(std::move(*answer), envelope.from, now);
  }
  in_round_ = true;
  agent_->on_message(std::move(envelope), now);
  in_round_ = false;
}

void SessionCore::on_wakeup(Instant now) {
  if (finished()) return;
  if (data_.has_questions()) data_.act(runtime_->transport(), now);
  if (submissions_.has_some() || !backlog_.empty()) take_submissions(now);
  in_round_ = true;
  agent_->on_wakeup(now);
  in_round_ = false;
  if (has_requests_.load(std::memory_order_acquire)) answer_requests(now);
  publish_room();
}

Instant SessionCore::next_wakeup() const {
  if (finished()) return kNever;
  const bool has_more = submissions_.has_some() || data_.has_questions() ||
                        backlog_.has_some([this](std::uint16_t depth) {
                          return credit_.has_room(depth, agent_->in_flight());
                        });
  if (has_more) return Instant{};
  const Instant next = agent_->next_wakeup();
  if (!pausing_) return next;
  return std::min<Instant>(next, runtime_->clock().now() + kPauseLook);
}

}  // namespace weir
