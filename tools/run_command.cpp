#include "tools/run_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "ml/inference/weight_file.hpp"
#include "ml/training/estimator/threaded_estimator_trainer.hpp"
#include "runtime/base/error.hpp"
#include "runtime/control/invariants.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/record/run_file.hpp"
#include "runtime/session/host_share.hpp"
#include "runtime/session/node_runtime.hpp"
#include "runtime/session/rank_places.hpp"
#include "tools/checked_run_options.hpp"
#include "tools/joint_refusal.hpp"
#include "tools/joint_result.hpp"
#include "tools/learning_recorder.hpp"
#include "tools/move_recorder.hpp"
#include "tools/pausable_source.hpp"
#include "tools/placement_recorder.hpp"
#include "tools/plan_forecasters.hpp"
#include "tools/progress_line.hpp"
#include "tools/run_options.hpp"
#include "tools/run_pause.hpp"
#include "tools/run_position.hpp"
#include "tools/run_reactor.hpp"
#include "tools/run_record.hpp"
#include "tools/run_result.hpp"
#include "tools/run_sink.hpp"
#include "tools/run_tally.hpp"
#include "tools/stop_signal.hpp"
#include "tools/terminal.hpp"
#include "tools/timed_source.hpp"
#include "tools/working_ranks.hpp"
#include "tools/workload.hpp"
#include "topology/discover.hpp"

namespace weir {
namespace {

// Beyond this many homes more of them only cost: every home runs the generators of all streams.
constexpr int kMostDefaultDispatchers = 8;

std::string settings_text(const RunOptions& options) {
  std::string text;
  for (const auto& [name, value] : as_text(options)) text += "--" + name + " " + value + '\n';
  return text;
}

// A work scale makes emulated tasks longer as it does real ones.
std::optional<EmulationSpec> emulation_of(const RunOptions& options) {
  if (options.emulate.empty()) return std::nullopt;
  EmulationSpec spec = EmulationSpec::parse(options.emulate);
  spec.mean_work_s *= options.work_scale;
  return spec;
}

// One rank's part of `weir run`, from the options to its result.
class Run {
 public:
  Run(MpiContext& mpi, RunOptions options);

  // Opens the streams and the record. False, on all ranks, when one of them cannot.
  bool prepare();
  // Once, after prepare().
  int execute(const StopSignal& stop);

 private:
  NodeRuntimeOptions runtime_options();
  void print_warnings() const;
  bool find_own_position();
  bool open_streams();
  double capacity_per_s();
  void open_record();
  void observe_learning();
  bool keep_weights(const RunResult& result) const;
  std::vector<std::unique_ptr<RunObserver>> observers(RunSink& sink);
  RunTally empty_tally() const;
  RunResult result_head(bool interrupted, std::optional<Duration> continues_at) const;
  void print(const RunResult& result) const;
  bool finish_record(const RunTally& tally);
  bool totals_agree(const RankTotals& own) const;

  MpiContext& mpi_;
  RunOptions options_;
  std::optional<EmulationSpec> emulation_;
  std::optional<PlanForecasters> forecasters_;  // where coordinators plan by forecasts
  KindTable kinds_;
  PlacementRecorder placements_;
  MoveRecorder moves_;
  LearningRecorder learning_;
  NodeRuntime runtime_;
  Workload work_;
  std::optional<RunPosition> position_;  // where it goes on
  std::optional<StreamSource> streams_;
  double capacity_per_s_ = 0;        // that a load refers to
  std::vector<int> working_;         // ranks that run tasks
  std::optional<RunBounds> bounds_;  // of emulated work
  std::unique_ptr<RunRecord> record_;
};

NodeRuntimeOptions Run::runtime_options() {
  NodeRuntimeOptions options;
  options.policy = options_.policy;
  options.weights = options_.weights;
  options.control = options_.control;
  options.limit_control = options_.limit_control;
  options.seed = options_.seed;
  options.emulation = emulation_;
  options.worker_count = options_.workers;
  options.dispatcher_count =
      options_.dispatchers > 0 ? options_.dispatchers : kMostDefaultDispatchers;
  options.class_count = static_cast<int>(kernel_class_names().size());
  options.max_retries = options_.retries;
  options.tree = options_.tree;
  options.switch_file = options_.switches;
  options.report_interval = options_.report_interval;
  options.queue = options_.loads.queue;
  options.capacity = options_.capacity;
  options.node_control = options_.loads.node_control.value_or(NodeControlOptions());
  options.migration = options_.loads.migration;
  options.suspicion = options_.loads.suspicion;
  options.check_invariants = options_.check_invariants;
  options.max_in_flight = options_.loads.max_in_flight.value_or(options.max_in_flight);
  options.overflow = options_.loads.overflow;
  options.settings = settings_text(options_);
  if (forecasters_) {
    options.settings += "weights of --plan-demand " + forecasters_->fingerprint() + '\n';
    options.make_plan_demand = [this] { return forecasters_->make(); };
  }
  options.online.mode = options_.online.mode;
  options.online.make_trainer = [](RankId) { return std::make_unique<ThreadedEstimatorTrainer>(); };
  options.learning_observer = &learning_;
  if (options_.record) options.move_observer = &moves_;
  if (options_.record_placements) {
    options.observe_policy = [this](std::unique_ptr<Policy> policy) {
      return std::make_unique<ObservedPolicy>(std::move(policy), placements_);
    };
  }
  return options;
}

Run::Run(MpiContext& mpi, RunOptions options)
    : mpi_(mpi),
      options_(std::move(options)),
      emulation_(emulation_of(options_)),
      forecasters_(plan_forecasters_of(options_.plan_demand, options_.capacity.forecast)),
      kinds_(kernel_kinds()),
      runtime_(mpi_, kinds_, runtime_options()) {}

bool Run::prepare() {
  // The capacity is found by all ranks together, so each has to know first that all will come.
  const std::string unusable = refusal_of([this] { work_ = make_workload(options_, 1); });
  if (any_refuses(mpi_, unusable)) return false;
  // Likewise, for places are found together.
  const std::string too_deep = refusal_of(
      [this] { working_ = working_ranks(options_, rank_places(mpi_, options_.switches)); });
  if (any_refuses(mpi_, too_deep)) return false;
  if (!find_own_position()) return false;
  if (options_.load) capacity_per_s_ = position_ ? position_->capacity_per_s : capacity_per_s();
  const std::string unfit = refusal_of([this] {
    if (options_.load) work_ = make_workload(options_, capacity_per_s_);
  });
  if (any_refuses(mpi_, unfit)) return false;
  // Before the streams are handed on.
  if (emulation_) bounds_ = bounds_of(*emulation_, working_, class_rates_of(work_));
  if (!open_streams()) return false;
  const std::string refusal = refusal_of([this] {
    if (options_.record) open_record();
  });
  if (any_refuses(mpi_, refusal)) {
    std::error_code ignored;
    if (record_) std::filesystem::remove(segment_path(*options_.record, mpi_.rank()), ignored);
    return false;
  }
  if (mpi_.rank() == RankId(0)) print_warnings();
  return true;
}

// False, on all ranks, where there is one that cannot be used.
bool Run::find_own_position() {
  if (options_.resume.empty()) return true;
  if (!find_position(mpi_, options_, empty_tally(), position_)) return false;
  if (!position_) return true;
  if (options_.record) options_.record = record_of_part(*options_.record, position_->parts + 1);
  if (mpi_.rank() == RankId(0) && !options_.quiet) tell_where_it_goes_on(options_, *position_);
  return true;
}

// False, on all ranks, where the position does not fit the streams.
bool Run::open_streams() {
  const Duration from = position_ ? position_->stream_time : Duration(0);
  streams_.emplace(std::move(work_.streams),
                   StreamSourceOptions{.home = mpi_.rank().value(),
                                       .home_count = runtime_.dispatcher_count(),
                                       .with_payloads = !emulation_,
                                       .failure_share = options_.failure_share,
                                       .seed = options_.seed,
                                       .from = from},
                   Instant{} - from);
  const std::string other = refusal_of([this] {
    if (position_ && mpi_.rank() == RankId(0)) {
      refuse_other_count(options_, *position_, streams_->left_out());
    }
  });
  return !any_refuses(mpi_, other);
}

void Run::print_warnings() const {
  std::vector<std::string> warnings = options_.warnings;
  const int ranks = mpi_.rank_count();
  if (options_.dispatchers > ranks) {
    warnings.push_back("--dispatchers " + std::to_string(options_.dispatchers) +
                       " is more than the " + std::to_string(ranks) +
                       " ranks of the job: all of them submit");
  }
  const int nodes = emulation_ ? emulation_->node_count() : ranks;
  if (nodes != ranks) {
    warnings.push_back("--emulate describes " + std::to_string(nodes) +
                       (nodes == 1 ? " node for " : " nodes for ") + std::to_string(ranks) +
                       " ranks: " +
                       (ranks < nodes ? "only the first " + std::to_string(ranks) + " are used"
                                      : "further ranks start again with the first node"));
  }
  if (bounds_) {
    const std::string overload = overload_warning(work_.rate_per_s, *bounds_);
    if (!overload.empty()) warnings.push_back(overload);
  }
  warnings.insert(warnings.end(), runtime_.warnings().begin(), runtime_.warnings().end());
  for (const std::string& warning : warnings) {
    std::cerr << "weir-run: warning: " << warning << std::endl;
  }
}

// Tasks per second that the workers of all ranks that run tasks can complete. Measured on rank 0,
// so that all ranks make the same streams.
double Run::capacity_per_s() {
  if (emulation_) return emulation_->capacity_per_s(working_);
  Bytes mine;
  ByteWriter out(mine);
  const bool first = mpi_.rank() == RankId(0);
  out.number(first ? measured_mean_service_s(options_) : 0.0);
  out.number(static_cast<double>(runtime_.worker_count()));
  double workers = 0;
  double mean_service_s = 0;
  for (const Bytes& bytes : mpi_.gather_to_all(mine)) {
    ByteReader in(bytes);
    mean_service_s += in.number<double>();
    workers += in.number<double>();
  }
  // Workers that share a core add nothing.
  workers = std::min(
      workers, static_cast<double>(mpi_.host_count()) * runtime_.place().machine.allowed.count());
  return workers / std::max(mean_service_s, 1e-9);
}

void Run::open_record() {
  const NodeShare& share = runtime_.place().share;
  record_ = std::make_unique<RunRecord>(
      segment_path(*options_.record, mpi_.rank()),
      RunRecordHead{.rank = mpi_.rank(),
                    .options = as_text(options_),
                    .class_names = kernel_class_names(),
                    .stream_names = work_.names,
                    .host = host_name(),
                    .share = "processors " + share.cpuset.to_string(),
                    .worker_count = runtime_.worker_count(),
                    .speed = runtime_.speed(),
                    .coordinator = runtime_.tree_place().leaf,
                    .task_share = options_.record_share,
                    .placements = options_.record_placements,
                    .moves = records_moves(options_),
                    .learning = options_.online.mode != OnlineLearning::kOff});
  placements_.start(*record_, [this] { return runtime_.clock().now(); });
  moves_.start(*record_, [this] { return runtime_.clock().now(); });
}

void Run::observe_learning() {
  LearningRecorder::Tell tell;
  if (!options_.quiet) {
    tell = [](const std::string& line) { std::cerr << "weir-run: " + line + '\n' << std::flush; };
  }
  learning_.start(
      record_.get(), [this] { return runtime_.clock().now(); }, std::move(tell));
}

// False where what was learned cannot be kept.
bool Run::keep_weights(const RunResult& result) const {
  const ClusterLearning* const learned = result.most_learned();
  if (options_.online.save_weights.empty() || learned == nullptr) return true;
  bool is_saved = true;
  const std::string refusal =
      refusal_of([&] { is_saved = save_weights(*learned, options_.online.save_weights); });
  if (!is_saved) tell_nothing_learned("weir-run", options_.online.save_weights);
  if (!refusal.empty()) std::cerr << refusal << std::endl;
  return refusal.empty();
}

std::vector<std::unique_ptr<RunObserver>> Run::observers(RunSink& sink) {
  std::vector<std::unique_ptr<RunObserver>> all;
  if (record_) all.push_back(std::make_unique<TelemetryRecorder>(mpi_.rank(), *record_));
  const TerminalMode terminal = terminal_mode(weir_environment());
  if (mpi_.rank() == RankId(0) && !options_.quiet && (terminal.attached || options_.progress)) {
    all.push_back(std::make_unique<ProgressLine>(ProgressOptions{.columns = terminal.columns},
                                                 sink.recent_response, std::cerr));
  }
  return all;
}

RunTally Run::empty_tally() const {
  return {static_cast<int>(kernel_class_names().size()), static_cast<int>(work_.names.size()),
          mpi_.rank_count()};
}

// What all ranks know of the run.
RunResult Run::result_head(bool interrupted, std::optional<Duration> continues_at) const {
  return {.policy = options_.policy,
          .seed = options_.seed,
          .emulated = emulation_.has_value(),
          .interrupted = interrupted,
          .offered_rate_per_s = work_.rate_per_s,
          .class_names = kernel_class_names(),
          .stream_names = work_.names,
          .tally = empty_tally(),
          .ranks = {},
          .earlier = position_ ? std::optional(earlier_parts_of(*position_)) : std::nullopt,
          .continues_at = continues_at,
          .plan_demand = options_.plan_demand,
          .bounds = bounds_};
}

// False when the record is not complete.
bool Run::finish_record(const RunTally& tally) {
  if (!record_) return true;
  const std::string failure = record_->close(tally);
  record_.reset();
  return merge_records(mpi_, {*options_.record, as_text(options_), options_.quiet}, failure);
}

// Compares what all ranks have counted. Collective.
bool Run::totals_agree(const RankTotals& own) const {
  if (!options_.check_invariants) return true;
  Bytes mine;
  ByteWriter out(mine);
  out.raw(&own, sizeof own);
  std::vector<RankTotals> ranks;
  for (const Bytes& bytes : mpi_.gather_to_all(mine)) {
    ByteReader(bytes).raw(&ranks.emplace_back(), sizeof own);
  }
  const std::string broken = broken_rule(ranks);
  if (!broken.empty() && mpi_.rank() == RankId(0)) {
    std::cerr << "weir-run: an invariant of the whole run is broken: " << broken << std::endl;
  }
  return broken.empty();
}

void Run::print(const RunResult& result) const {
  if (options_.json) {
    print_json(result, std::cout);
  } else {
    print_tables(result, std::cout);
  }
  std::cout << std::flush;
}

int Run::execute(const StopSignal& stop) {
  const double cpu_before_s = thread_cpu_s();
  RunSink sink(empty_tally(), record_.get());
  PausableSource pausable(*streams_);
  TimedSource source(pausable, thread_cpu_s);
  observe_learning();
  NodeAgent& agent = runtime_.begin(sink, &source);
  agent.finish_after_epoch();
  std::optional<RunPause> pause;
  if (!options_.resume.empty()) pause.emplace(mpi_, pausable, stop);
  {
    auto observing = observers(sink);
    if (pause) observing.push_back(pause->observer());
    RunReactor reactor(
        agent, [&stop] { return stop.requested(); }, std::move(observing));
    runtime_.drive(reactor);
    stop.on_request([this] { runtime_.wake(); });
    runtime_.loop().run();
    stop.on_request({});
    runtime_.drive(agent);
  }
  const RankResult own = rank_result_of(runtime_, agent, cpu_before_s, source.making_s());
  std::optional<Duration> continues_at;
  if (const auto end = pause ? pause->stopped_at() : std::nullopt) {
    continues_at = *end - streams_->begin();
  }
  const bool interrupted = !continues_at && (stop.requested() || agent.stopped());
  bool kept = true;
  // The result first: a record that cannot be written must not cost it.
  if (auto result =
          gather_result(mpi_, result_head(interrupted, continues_at), sink.tally(), own)) {
    if (position_) result->tally.merge(position_->tally);
    print(*result);
    const bool has_position =
        keep_position(options_, *result, position_, capacity_per_s_, work_.names);
    kept = keep_weights(*result) && has_position;
  }
  // Else some ranks would say that the run can be continued.
  if (continues_at) kept = as_rank_0_says(mpi_, kept);
  const bool recorded = finish_record(sink.tally()) && kept;
  const bool sound = totals_agree(agent.totals());
  if (interrupted && sound) return 130;
  if (!recorded || !sound) return 1;
  return continues_at ? kExitToBeContinued : 0;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments) {
  RunOptions options;
  const std::string refusal = refusal_of([&] { options = checked_run_options(arguments); });
  if (options.help) {
    std::cout << run_help();
    return 0;
  }
  // From here on a signal waits until the run can heed it.
  const StopSignal stop({.on_usr1 = options.resume.empty() ? OnUsr1::kStop : OnUsr1::kPause});
  const auto mpi = MpiContext::start(MpiThreads::kFunneled);
  end_all_ranks_on_failure();
  if (any_refuses(*mpi, refusal)) return kExitBadInput;
  Run run(*mpi, std::move(options));
  if (!run.prepare()) return kExitBadInput;
  keep_freed_memory();
  return run.execute(stop);
}

}  // namespace weir
