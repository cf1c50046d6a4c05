#include "tools/simulate/world_record.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/load/workload.hpp"
#include "tools/settings/scenario_nodes.hpp"

namespace weir {
namespace {

// Rows of one table that are written at a time are half of this.
constexpr std::size_t kQueuedRows = 8192;

// Every rank has an open file; the limit that shells set is often far below what is allowed.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Those of the run in full, and those of the world that were given.
std::vector<std::pair<std::string, std::string>> all_options(const SimulateOptions& options) {
  auto all = as_text(options.run);
  const std::size_t run_options = all.size();
  for (const auto& setting : options.settings) {
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(run_options);
    const bool known = std::any_of(all.begin(), end,
                                   [&](const auto& other) { return other.first == setting.first; });
    if (!known) all.push_back(setting);
  }
  return all;
}

}  // namespace

struct WorldRecord::Rank {
  Rank(const std::filesystem::path& segment, const RunRecordHead& head, int its_node_count)
      : record(segment, head), telemetry(head.rank, record), node_count(its_node_count) {}

  RunRecord record;
  TelemetryRecorder telemetry;
  PlacementRecorder placements;
  MoveRecorder moves;
  LearningRecorder learning;
  int node_count;
  // Of a rank that is a home; the histograms of thousands that are none would be most of the
  // memory.
  std::unique_ptr<RunTally> tally;
  std::size_t stream_count = 0;
};

WorldRecord::WorldRecord(const SimulateOptions& options)
    : path_(options.run.record.value()),
      attributes_(option_attributes(all_options(options))),
      placements_(options.run.record_placements),
      moves_(records_moves(options.run)) {
  check_writable(path_);
  allow_many_files();
  const EmulationSpec nodes = nodes_of(options);
  const Workload work = workload_of(options);
  const std::vector<int> working = working_ranks(options);
  try {
    for (int rank = 0; rank < nodes.node_count(); ++rank) {
      const auto& type = nodes.types[nodes.type_of(rank)];
      const bool works = std::ranges::binary_search(working, rank);
      const RunRecordHead head{.rank = RankId(rank),
                               .options = as_text(options.run),
                               .class_names = kernel_class_names(),
                               .stream_names = work.names,
                               .host = "simulated",
                               .share = "emulated",
                               .worker_count = works ? type.cores : 0,
                               .speed = type.speed,
                               .task_share = options.run.record_share,
                               .placements = placements_,
                               .moves = moves_,
                               .learning = options.run.online.mode != OnlineLearning::kOff,
                               .writer = {.max_queued_rows = kQueuedRows, .own_thread = false}};
      segments_.push_back({RankId(rank), segment_path(path_, RankId(rank))});
      ranks_.push_back(std::make_unique<Rank>(segments_.back().path, head, nodes.node_count()));
      ranks_.back()->stream_count = work.names.size();
    }
  } catch (...) {
    remove_segments();
    throw;
  }
}

WorldRecord::~WorldRecord() { remove_segments(); }

std::unique_ptr<Policy> WorldRecord::observed(RankId home, std::unique_ptr<Policy> policy,
                                              const SimTime& now) {
  if (!placements_) return policy;
  Rank& rank = *ranks_[static_cast<std::size_t>(home.value())];
  rank.placements.start(rank.record, [&now] { return Instant(now.time_since_epoch()); });
  return std::make_unique<ObservedPolicy>(std::move(policy), rank.placements);
}

MoveObserver* WorldRecord::moves_of(RankId rank, const SimTime& now) {
  if (!moves_) return nullptr;
  Rank& its = *ranks_[static_cast<std::size_t>(rank.value())];
  its.moves.start(its.record, [&now] { return Instant(now.time_since_epoch()); });
  return &its.moves;
}

LearningObserver* WorldRecord::learning_of(RankId rank, const SimTime& now) {
  Rank& its = *ranks_[static_cast<std::size_t>(rank.value())];
  its.learning.start(&its.record, [&now] { return Instant(now.time_since_epoch()); });
  return &its.learning;
}

void WorldRecord::on_completed(const CompletedTask& task, Duration now) {
  Rank& rank = *ranks_[static_cast<std::size_t>(task.header.home.value())];
  if (rank.tally == nullptr) {
    rank.tally = std::make_unique<RunTally>(static_cast<int>(kernel_class_names().size()),
                                            static_cast<int>(rank.stream_count), rank.node_count);
  }
  rank.tally->add(task, Instant(now));
  CompletedTask recorded = task;
  // The home's clock shows another time.
  recorded.header.arrival = Instant(now - task.response);
  rank.record.add_task(recorded, Instant(now));
}

bool WorldRecord::on_interval(Simulation& world, Duration now) {
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    ranks_[i]->telemetry.observe(world.agent(RankId(static_cast<std::int32_t>(i))), Instant(now));
  }
  return !failed();
}

bool WorldRecord::failed() const {
  for (const auto& rank : ranks_) {
    if (rank->record.failed()) return true;
  }
  return false;
}

void WorldRecord::finish() {
  std::string failure;
  for (const auto& rank : ranks_) {
    const RunTally nothing(static_cast<int>(kernel_class_names().size()),
                           static_cast<int>(rank->stream_count), rank->node_count);
    const std::string its = rank->record.close(rank->tally ? *rank->tally : nothing);
    if (failure.empty()) failure = its;
  }
  if (failure.empty()) {
    try {
      const MergeOutcome outcome = merge_segments(path_, segments_, attributes_);
      if (!outcome.skipped.empty()) {
        failure = outcome.skipped.front().second;
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
      }
    } catch (const Error& error) {
      failure = error.report();
    }
  }
  remove_segments();
  if (failure.empty()) return;
  throw Error("the run could not be recorded", path_.string() + ": " + failure,
              "room on the disk for the whole record; nothing is left of this one",
              "--record-share 0.1, or another disk");
}

void WorldRecord::remove_segments() {
  std::error_code ignored;
  for (const Segment& segment : segments_) std::filesystem::remove(segment.path, ignored);
}

}  // namespace weir
