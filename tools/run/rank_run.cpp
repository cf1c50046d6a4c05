#include "tools/run/rank_run.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "ml/training/estimator/threaded_estimator_trainer.hpp"
#include "runtime/base/error.hpp"
#include "runtime/record/run_file.hpp"
#include "runtime/session/host_share.hpp"
#include "runtime/session/rank_places.hpp"
#include "tools/run/checked_run_options.hpp"
#include "tools/run/joint_capacity.hpp"
#include "tools/run/joint_refusal.hpp"
#include "tools/run/run_pause.hpp"
#include "tools/run/run_survival.hpp"
#include "tools/run/survivors.hpp"
#include "tools/settings/working_ranks.hpp"
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

// Of the environment; empty where it is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A work scale makes emulated tasks longer as it does real ones.
std::optional<EmulationSpec> emulation_of(const RunOptions& options) {
  if (options.emulate.empty()) return std::nullopt;
  EmulationSpec spec = EmulationSpec::parse(options.emulate);
  spec.mean_work_s *= options.work_scale;
  return spec;
}

}  // namespace

NodeRuntimeOptions RankRun::runtime_options() {
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
  if (options_.survive) {
    options.survival = SurvivalOptions{};
    options.survival->final_word = [this](Instant) { return own_part_(); };
    options.survival->conclude = [this] { conclude_(); };
  }
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

RankRun::RankRun(MpiContext& mpi, RunOptions options, IsolatedKernels* isolated)
    : mpi_(mpi),
      options_(std::move(options)),
      emulation_(emulation_of(options_)),
      forecasters_(plan_forecasters_of(options_.plan_demand, options_.capacity.forecast)),
      isolated_(isolated),
      kinds_(isolated_ != nullptr ? isolated_->kinds() : kernel_kinds()),
      runtime_(mpi_, kinds_, runtime_options()) {}

bool RankRun::prepare() {
  // The capacity is found by all ranks together, so each has to know first that all will come.
  const std::string unusable = refusal_of([this] { work_ = make_workload(options_, 1); });
  if (any_refuses(mpi_, unusable)) return false;
  // Likewise, for places are found together.
  const std::string too_deep = refusal_of(
      [this] { working_ = working_ranks(options_, rank_places(mpi_, options_.switches)); });
  if (any_refuses(mpi_, too_deep)) return false;
  if (!find_own_position()) return false;
  if (options_.load) {
    capacity_per_s_ = position_    ? position_->capacity_per_s
                      : emulation_ ? emulation_->capacity_per_s(working_)
                                   : measured_capacity_per_s(mpi_, options_, runtime_);
  }
  const std::string unfit = refusal_of([this] {
    if (options_.load) work_ = make_workload(options_, capacity_per_s_);
  });
  if (any_refuses(mpi_, unfit)) return false;
  // Before the streams are handed on.
  if (emulation_) bounds_ = bounds_of(*emulation_, working_, class_rates_of(work_));
  if (!open_streams()) return false;
  const std::string refusal = refusal_of([this] {
    if (isolated_ != nullptr) isolated_->open(mpi_.rank(), runtime_.worker_count());
    if (options_.record) open_record();
  });
  if (any_refuses(mpi_, refusal)) {
    std::error_code ignored;
    if (record_) std::filesystem::remove(segment_path(*options_.record, mpi_.rank()), ignored);
    return false;
  }
  if (mpi_.rank() != RankId(0)) return true;
  if (position_ && !options_.quiet) tell_where_it_goes_on(options_, *position_);
  print_warnings();
  return true;
}

// False, on all ranks, where there is one that cannot be used.
bool RankRun::find_own_position() {
  if (!options_.resume.empty() &&
      !find_position(mpi_, options_, empty_tally(), place_, position_)) {
    return false;
  }
  if (!options_.ledger.empty()) {
    ledger_.emplace(mpi_, options_);
    if (!ledger_->read(empty_tally())) return false;
    position_ = ledger_->content().position();
  }
  if (!position_) return true;
  if (options_.record) options_.record = record_of_part(*options_.record, position_->parts + 1);
  return true;
}

// False, on all ranks, where what is to be gone on with does not fit the streams.
bool RankRun::open_streams() {
  if (ledger_ || options_.survive) {
    HomeSharesOptions how{
        .share_count = runtime_.dispatcher_count(),
        .open_streams = [this] { return make_workload(options_, capacity_per_s_).streams; },
        .with_payloads = !emulation_,
        .failure_share = options_.failure_share,
        .seed = options_.seed,
        .capacity_per_s = capacity_per_s_,
        .wake = [this] { runtime_.wake(); }};
    const int homes = runtime_.dispatcher_count();
    if (ledger_) return ledger_->open(std::move(how), homes, empty_tally(), shares_);
    how.begun_with = [this, homes](RankId home) -> std::vector<ShareCopy> {
      return {untouched_share(home.value(), homes, empty_tally())};
    };
    std::vector<ShareCopy> own;
    if (mpi_.rank().value() < homes) own = how.begun_with(mpi_.rank());
    shares_.emplace(std::move(how), empty_tally(), std::move(own));
    return true;
  }
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

void RankRun::print_warnings() const {
  std::vector<std::string> warnings = warnings_for(options_, mpi_.rank_count());
  if (bounds_) {
    const std::string overload = overload_warning(work_.rate_per_s, *bounds_);
    if (!overload.empty()) warnings.push_back(overload);
  }
  if (options_.survive) {
    const std::string in_vain = warning_of_no_recovery(variable);
    if (!in_vain.empty()) warnings.push_back(in_vain);
    if (mpi_.rank_count() == 1) {
      warnings.emplace_back("--survive with one rank: there is none to go on without it");
    }
  }
  warnings.insert(warnings.end(), runtime_.warnings().begin(), runtime_.warnings().end());
  for (const std::string& warning : warnings) {
    std::cerr << "weir-run: warning: " << warning << std::endl;
  }
}

void RankRun::open_record() {
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

void RankRun::observe_learning() {
  LearningRecorder::Tell tell;
  if (!options_.quiet) {
    tell = [](const std::string& line) { std::cerr << "weir-run: " + line + '\n' << std::flush; };
  }
  learning_.start(
      record_.get(), [this] { return runtime_.clock().now(); }, std::move(tell));
}

}  // namespace weir
