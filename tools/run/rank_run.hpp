// One rank's part of `weir run`, from the options to its result: in rank_run.cpp until the streams
// are open, in rank_run_execution.cpp from there on.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/node_runtime.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/load/plan_forecasters.hpp"
#include "tools/load/workload.hpp"
#include "tools/result/learning_recorder.hpp"
#include "tools/result/move_recorder.hpp"
#include "tools/result/placement_recorder.hpp"
#include "tools/result/run_reactor.hpp"
#include "tools/result/run_record.hpp"
#include "tools/result/run_result.hpp"
#include "tools/result/run_tally.hpp"
#include "tools/run/home_shares.hpp"
#include "tools/run/isolated_kernels.hpp"
#include "tools/run/run_ledger.hpp"
#include "tools/run/run_pause.hpp"
#include "tools/run/run_position.hpp"
#include "tools/run/run_sink.hpp"
#include "tools/run/start_limit.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

class RankRun {
 public:
  // `isolated` is null where tasks run in this process; it outlives this.
  RankRun(MpiContext& mpi, RunOptions options, IsolatedKernels* isolated);

  // Opens the streams and the record. False, on all ranks, when one of them cannot.
  bool prepare();
  // Once, after prepare(). All ranks have come when it meets `limit`.
  int execute(const StopSignal& stop, StartLimit& limit);

 private:
  struct RunEnd {
    bool interrupted = false;
    std::optional<Duration> continues_at;
    bool kept = true;  // what is to be gone on from, by this rank
  };

  NodeRuntimeOptions runtime_options();
  void print_warnings() const;
  bool find_own_position();
  bool open_streams();
  void open_record();
  void observe_learning();
  bool keep_weights(const RunResult& result) const;
  std::vector<std::unique_ptr<RunObserver>> observers(RunSink& sink);
  RunTally empty_tally() const;
  RunTally tally_with_earlier(const RunSink& sink) const;
  std::uint64_t done_earlier() const;
  RunEnd end_of(std::optional<RunPause>& pause, const StopSignal& stop, bool stopped);
  int end_surviving(const NodeAgent& agent, const RunTally& tally, bool paused);
  RunResult result_head(const RunEnd& end) const;
  void print(const RunResult& result) const;
  bool finish_record(const RunTally& tally);

  MpiContext& mpi_;
  RunOptions options_;
  std::optional<EmulationSpec> emulation_;
  std::optional<PlanForecasters> forecasters_;  // where coordinators plan by forecasts
  IsolatedKernels* isolated_;
  KindTable kinds_;
  PlacementRecorder placements_;
  MoveRecorder moves_;
  LearningRecorder learning_;
  NodeRuntime runtime_;
  Workload work_;
  std::optional<PositionPlace> place_;   // where rank 0 keeps one
  std::optional<RunPosition> position_;  // where it goes on
  std::optional<RunLedger> ledger_;
  std::optional<StreamSource> streams_;  // or, with a ledger,
  std::optional<HomeShares> shares_;
  double capacity_per_s_ = 0;        // that a load refers to
  std::vector<int> working_;         // ranks that run tasks
  std::optional<RunBounds> bounds_;  // of emulated work
  std::unique_ptr<RunRecord> record_;
  // Where ranks may die, while it is executed:
  std::function<Bytes()> own_part_;  // of the result
  std::function<void()> conclude_;   // on the root: tells the result
};

}  // namespace weir
