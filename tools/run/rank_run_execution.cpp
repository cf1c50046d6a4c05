#include <iostream>
#include <set>
#include <utility>

#include "ml/inference/weight_file.hpp"
#include "runtime/control/invariants.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/terminal.hpp"
#include "tools/load/pausable_source.hpp"
#include "tools/load/timed_source.hpp"
#include "tools/run/joint_refusal.hpp"
#include "tools/run/joint_result.hpp"
#include "tools/run/progress_line.hpp"
#include "tools/run/rank_run.hpp"
#include "tools/run/run_survival.hpp"
#include "tools/run/survivors.hpp"
#include "tools/run/survivors_line.hpp"

namespace weir {

// False where what was learned cannot be kept.
bool RankRun::keep_weights(const RunResult& result) const {
  const ClusterLearning* const learned = result.most_learned();
  if (options_.online.save_weights.empty() || learned == nullptr) return true;
  bool is_saved = true;
  const std::string refusal =
      refusal_of([&] { is_saved = save_weights(*learned, options_.online.save_weights); });
  if (!is_saved) tell_nothing_learned("weir-run", options_.online.save_weights);
  if (!refusal.empty()) std::cerr << refusal << std::endl;
  return refusal.empty();
}

std::vector<std::unique_ptr<RunObserver>> RankRun::observers(RunSink& sink) {
  std::vector<std::unique_ptr<RunObserver>> all;
  if (record_) all.push_back(std::make_unique<TelemetryRecorder>(mpi_.rank(), *record_));
  const TerminalMode terminal = terminal_mode(weir_environment());
  if (mpi_.rank() == RankId(0) && !options_.quiet && (terminal.attached || options_.progress)) {
    all.push_back(std::make_unique<ProgressLine>(ProgressOptions{.columns = terminal.columns},
                                                 sink.recent_response, std::cerr));
  }
  return all;
}

RunTally RankRun::empty_tally() const {
  return {static_cast<int>(kernel_class_names().size()), static_cast<int>(work_.names.size()),
          mpi_.rank_count()};
}

// What this rank adds to the result: what was complete before comes from where it is kept, once.
RunTally RankRun::tally_with_earlier(const RunSink& sink) const {
  RunTally tally = sink.tally();
  if (shares_) {
    tally.merge(shares_->completed_before());
  } else if (position_ && mpi_.rank() == RankId(0)) {
    tally.merge(position_->tally);
  }
  return tally;
}

// Collective.
RankRun::RunEnd RankRun::end_of(std::optional<RunPause>& pause, const StopSignal& stop,
                                bool stopped) {
  RunEnd end;
  if (ledger_) {
    const LedgerEnding ending = ledger_->close(*shares_, stop.pause_requested());
    end.kept = ending.written;
    if (ending.paused && !ending.all_taken) end.continues_at = ending.continues_at;
    end.interrupted = !ending.paused && !ending.all_taken;
    return end;
  }
  if (const auto at = pause ? pause->stopped_at() : std::nullopt) {
    end.continues_at = *at - streams_->begin();
  }
  end.interrupted = !end.continues_at && (stop.requested() || stopped);
  return end;
}

// What all ranks know of the run.
RunResult RankRun::result_head(const RunEnd& end) const {
  return {.policy = options_.policy,
          .seed = options_.seed,
          .emulated = emulation_.has_value(),
          .interrupted = end.interrupted,
          .offered_rate_per_s = work_.rate_per_s,
          .class_names = kernel_class_names(),
          .stream_names = work_.names,
          .tally = empty_tally(),
          .ranks = {},
          .earlier = position_ ? std::optional(earlier_parts_of(*position_)) : std::nullopt,
          .continues_at = end.continues_at,
          .plan_demand = options_.plan_demand,
          .bounds = bounds_};
}

// False when the record is not complete.
bool RankRun::finish_record(const RunTally& tally) {
  if (!record_) return true;
  const std::string failure = record_->close(tally);
  record_.reset();
  return merge_records(mpi_, {*options_.record, as_text(options_), options_.quiet}, failure);
}

void RankRun::print(const RunResult& result) const {
  (options_.json ? print_json : print_tables)(result, std::cout);
  std::cout << std::flush;
}

int RankRun::execute(const StopSignal& stop, StartLimit& limit) {
  const double cpu_before_s = thread_cpu_s();
  RunSink sink(empty_tally(), record_.get(), shares_ ? &*shares_ : nullptr);
  PausableSource pausable(shares_ ? static_cast<TaskSource&>(*shares_) : *streams_);
  TimedSource source(pausable, thread_cpu_s);
  observe_learning();
  NodeAgent& agent = runtime_.begin(sink, &source, options_.survive ? &*shares_ : nullptr);
  limit.met();
  agent.finish_after_epoch();
  const auto own_result = [&] {
    RankResult own = rank_result_of(runtime_, agent, cpu_before_s, source.making_s());
    if (isolated_ != nullptr) own.crashed = isolated_->crashed();
    return own;
  };
  own_part_ = [&] {
    return encode_surviving_part(tally_with_earlier(sink), *shares_, done_earlier(), own_result());
  };
  conclude_ = [&] {
    RunEnd end;
    end.interrupted = agent.stopped();
    print(result_of_words(*agent.survival(), mpi_.rank_count(), result_head(end)));
  };
  std::optional<RunPause> pause;
  if (!options_.resume.empty()) pause.emplace(mpi_, pausable, stop);
  {
    auto observing = observers(sink);
    if (pause) observing.push_back(pause->observer());
    if (options_.survive) observing.push_back(observe_losses("weir-run", mpi_.rank()));
    if (ledger_) observing.push_back(ledger_->observer(*shares_));
    // With a ledger a pause is a stop: what is left is known of each home.
    RunReactor reactor(
        agent, [&] { return stop.requested() || (ledger_ && stop.pause_requested()); },
        std::move(observing));
    runtime_.drive(reactor);
    stop.on_request([this] { runtime_.wake(); });
    runtime_.loop().run();
    stop.on_request({});
    runtime_.drive(agent);
  }
  if (options_.survive) return end_surviving(agent, sink.tally(), stop.pause_requested());
  const RankResult own = own_result();
  const RunEnd end = end_of(pause, stop, agent.stopped());
  bool kept = end.kept;
  // The result first: a record that cannot be written must not cost it.
  if (auto result = gather_result(mpi_, result_head(end), tally_with_earlier(sink), own)) {
    print(*result);
    const bool has_position = keep_position(place_ ? &*place_ : nullptr, options_, *result,
                                            position_, capacity_per_s_, work_.names);
    kept = keep_weights(*result) && has_position && kept;
  }
  // Else some ranks would say that the run can be continued.
  if (end.continues_at) kept = as_rank_0_says(mpi_, kept);
  const bool recorded = finish_record(sink.tally()) && kept;
  const bool sound = !options_.check_invariants || totals_agree(mpi_, agent.totals());
  if (end.interrupted && sound) return kExitInterrupted;
  if (!recorded || !sound) return 1;
  return end.continues_at ? kExitToBeContinued : 0;
}

// By earlier parts of the run, of the shares that this rank has now.
std::uint64_t RankRun::done_earlier() const {
  std::uint64_t done = 0;
  if (!ledger_) return done;
  for (const ShareCopy& earlier : ledger_->content().copies) {
    if (shares_->has(earlier.share)) done += earlier.tally.ended();
  }
  return done;
}

// Nothing here is collective: some may be dead.
int RankRun::end_surviving(const NodeAgent& agent, const RunTally& tally, bool paused) {
  const Survival& survival = *agent.survival();
  const std::string failure = record_ ? record_->close(tally) : std::string();
  record_.reset();
  if (survival.is_fenced()) {
    std::cerr << fence_report("weir-run", survival, mpi_.rank());
    leave_without_the_others(survival.members().self_is_out() ? 0 : 1);
  }
  const bool written = !ledger_ || ledger_->close_alone(*shares_);
  int code = 0;
  if (agent.stopped()) code = ledger_ && paused && written ? kExitToBeContinued : kExitInterrupted;
  const std::set<RankId>& out = survival.members().out();
  if (survival.members().root() == mpi_.rank()) {
    std::cerr << restart_report(survival);
    const bool recorded =
        !options_.record || merge_survivors({*options_.record, as_text(options_), options_.quiet},
                                            survival, mpi_.rank(), mpi_.rank_count(), failure);
    if (code == 0 && (!recorded || !written)) code = 1;
    if (!out.empty()) std::cerr << survivors_line("weir-run", out, code);
    if (!launch_word().empty()) std::cerr << exit_line("weir-run", launch_word(), code);
  }
  if (!out.empty()) {
    runtime_.finish_sending();
    leave_without_the_others(code);
  }
  limit_the_end(code);
  return code;
}

}  // namespace weir
