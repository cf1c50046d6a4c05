// The HDF5 file of a simulated run, laid out as that of `weir run --record` (tools/README.md).
// Times are those of the world, which all ranks share; the warm-up is included.
//
// The segments of the ranks are written without threads: a world in virtual time may wait for the
// disk, and so no row is lost. They become one file at the end. Whatever goes wrong before leaves
// nothing behind.

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "runtime/record/run_file.hpp"
#include "tools/result/learning_recorder.hpp"
#include "tools/result/move_recorder.hpp"
#include "tools/result/placement_recorder.hpp"
#include "tools/result/run_record.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {

class WorldRecord final : public SimulationWatch {
 public:
  // Of options that name a record. Throws Error if it cannot be made.
  explicit WorldRecord(const SimulateOptions& options);
  // Removes the segments, if they have not become a file.
  ~WorldRecord() override;

  std::unique_ptr<Policy> observed(RankId home, std::unique_ptr<Policy> policy,
                                   const SimTime& now) override;
  MoveObserver* moves_of(RankId rank, const SimTime& now) override;
  LearningObserver* learning_of(RankId rank, const SimTime& now) override;
  void on_completed(const CompletedTask& task, Duration now) override;
  // Ends the run once the disk takes no more.
  bool on_interval(Simulation& world, Duration now) override;

  bool failed() const;

  // Makes the file of the segments. Throws Error if it is not all there; then there is no file.
  void finish();

 private:
  struct Rank;

  void remove_segments();

  std::filesystem::path path_;
  Attributes attributes_;
  bool placements_;
  bool moves_;
  std::vector<std::unique_ptr<Rank>> ranks_;
  std::vector<Segment> segments_;
};

}  // namespace weir
