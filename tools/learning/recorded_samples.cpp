#include "tools/learning/recorded_samples.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "ml/inference/service_sight.hpp"
#include "runtime/base/error.hpp"
#include "tools/experiment/record_rows.hpp"
#include "tools/experiment/recorded_task.hpp"

namespace weir {
namespace {

struct RecordedCompletion {
  std::uint64_t id = 0;
  ClassId task_class;
  RankId node;
  double ended_s = 0;
  double service_s = 0;
  bool is_as_placed = false;  // done, at the first attempt, where it was placed
};

std::vector<RecordedCompletion> completions_of(const RecordReader& record,
                                               const std::string& part) {
  const auto column = [&]<typename T>(const char* name, T) {
    return record.column<T>(part, "tasks", name);
  };
  const auto id = column("id", std::uint64_t{});
  const auto task_class = column("class", std::uint8_t{});
  const auto attempt = column("attempt", std::uint32_t{});
  const auto failed = column("failed", std::uint8_t{});
  const auto dropped = column("dropped", std::uint8_t{});
  const auto moved = column("moved", std::uint8_t{});
  const auto node = column("node", std::int32_t{});
  const auto arrival_s = column("arrival_s", double{});
  const auto response_s = column("response_s", double{});
  const auto service_s = column("service_s", double{});
  std::vector<RecordedCompletion> completions;
  for (std::size_t i = 0; i < id.size(); ++i) {
    // A policy hears of tasks that are done.
    if (dropped[i] != 0 || failed[i] != 0 || node[i] < 0) continue;
    completions.push_back({id[i], ClassId(task_class[i]), RankId(node[i]),
                           arrival_s[i] + response_s[i], service_s[i],
                           attempt[i] == 1 && moved[i] == 0});
  }
  std::ranges::stable_sort(completions, {}, &RecordedCompletion::ended_s);
  return completions;
}

// The candidates of all placements of a home, column by column.
struct Candidates {
  Candidates(const RecordReader& record, const std::string& part) {
    const auto fill = [&]<typename T>(const char* name, std::vector<T>& values) {
      values = record.column<T>(part, "candidates", name);
    };
    fill("placement", placement);
    fill("node", node);
    fill("cores", cores);
    fill("speed", speed);
    fill("queued", queued);
    fill("running", running);
    fill("report_age_s", report_age_s);
    fill("own_in_flight", own_in_flight);
    fill("limit", limit);
    fill("running_of_class", running_of_class);
    fill("homes", homes);
    fill("mean_service_s", mean_service_s);
  }

  std::vector<std::uint64_t> placement;
  std::vector<std::int32_t> node;
  std::vector<double> cores, speed;
  std::vector<std::uint32_t> queued, running;
  std::vector<double> report_age_s;
  std::vector<std::uint32_t> own_in_flight, limit, running_of_class;
  std::vector<double> homes, mean_service_s;
};

// Goes through the placements of one home as it did.
class HomeReplay {
 public:
  HomeReplay(const RecordReader& record, const std::string& part)
      : completions_(completions_of(record, part)), candidates_(record, part) {
    number_ = record.column<std::uint64_t>(part, "placements", "number");
    id_ = record.column<std::uint64_t>(part, "placements", "id");
    class_ = record.column<std::uint8_t>(part, "placements", "class");
    time_s_ = record.column<double>(part, "placements", "time_s");
    chosen_ = record.column<std::int32_t>(part, "placements", "node");
    dispatchers_ = record.column<double>(part, "placements", "dispatchers");
  }

  void add_samples(std::vector<RecordedSample>& samples) {
    for (std::size_t i = 0; i < id_.size(); ++i) {
      end_tasks_until(time_s_[i], i > 0 ? time_s_[i - 1] : 0);
      place(i);
    }
    for (const RecordedCompletion& completion : completions_) {
      const auto placed = placed_.find(completion.id);
      if (placed == placed_.end() || !completion.is_as_placed || completion.service_s <= 0)
        continue;
      const auto& [placed_s, features, told_s] = placed->second;
      samples.push_back({placed_s, {features, static_cast<float>(completion.service_s / told_s)}});
    }
  }

 private:
  struct Placed {
    double placed_s = 0;
    ServiceFeatures features{};
    double told_s = 0;
  };

  static Instant instant(double seconds) { return Instant(from_seconds(seconds)); }

  // A policy knows no time but that of its last placement.
  void end_tasks_until(double now_s, double last_placement_s) {
    for (; next_end_ < completions_.size() && completions_[next_end_].ended_s <= now_s;
         ++next_end_) {
      const RecordedCompletion& ended = completions_[next_end_];
      sight_.on_completion(ended.node, ended.task_class, from_seconds(ended.service_s),
                           instant(last_placement_s));
    }
  }

  void place(std::size_t number) {
    const ClassId task_class{class_[number]};
    const ClusterView cluster{.nodes = views_of(number, task_class),
                              .dispatcher_count = dispatchers_[number],
                              .now = instant(time_s_[number])};
    sight_.look(cluster, task_class);
    for (const NodeView& node : cluster.nodes) {
      const double told_s = node.mean_service_s[task_class.value()];
      if (node.rank.value() != chosen_[number] || told_s <= 0) continue;
      placed_[id_[number]] = {time_s_[number], sight_.features_of(node, cluster), told_s};
    }
  }

  // A record has what nodes told of the task's class, and nothing of the others is asked for.
  std::span<const NodeView> views_of(std::size_t row_of_placement, ClassId task_class) {
    views_.clear();
    const std::size_t i = task_class.value();
    for (; next_candidate_ < candidates_.placement.size() &&
           candidates_.placement[next_candidate_] <= number_[row_of_placement];
         ++next_candidate_) {
      const std::size_t row = next_candidate_;
      if (candidates_.placement[row] < number_[row_of_placement]) continue;
      NodeView view;
      view.rank = RankId(candidates_.node[row]);
      view.cores = candidates_.cores[row];
      view.speed = candidates_.speed[row];
      view.queued = candidates_.queued[row];
      view.running = candidates_.running[row];
      view.report_age = from_seconds(candidates_.report_age_s[row]);
      view.own_in_flight = candidates_.own_in_flight[row];
      view.homes = candidates_.homes[row];
      view.classes[i].limit = candidates_.limit[row];
      view.classes[i].running = candidates_.running_of_class[row];
      view.mean_service_s[i] = candidates_.mean_service_s[row];
      views_.push_back(view);
    }
    return views_;
  }

  std::vector<RecordedCompletion> completions_;
  Candidates candidates_;
  std::vector<std::uint64_t> number_;
  std::vector<std::uint64_t> id_;
  std::vector<std::uint8_t> class_;
  std::vector<double> time_s_;
  std::vector<std::int32_t> chosen_;
  std::vector<double> dispatchers_;
  std::size_t next_end_ = 0;
  std::size_t next_candidate_ = 0;
  ServiceSight sight_;
  std::vector<NodeView> views_;
  std::unordered_map<std::uint64_t, Placed> placed_;  // by task
};

void require_all_placements(const RecordReader& record) {
  const auto refuse = [](const std::string& found) {
    throw Error("nothing can be learned from this record", found,
                "what was known at every placement of every task",
                "weir run ... --record run.h5 --record-placements");
  };
  if (!has_placements(record)) refuse("no placements in it");
  const Attributes attributes = record.attributes();
  const auto share = attributes.find("option_record-share");
  const auto* text = share == attributes.end() ? nullptr : std::get_if<std::string>(&share->second);
  if (text != nullptr && *text != "1") refuse("a record of a share of " + *text + " of the tasks");
  for (const std::string& part : parts_of(record)) {
    for (const TableInfo& table : record.tables(part)) {
      if (table.dropped_rows > 0) refuse("a record that lacks rows, as the disk was too slow");
    }
  }
}

}  // namespace

std::vector<RecordedSample> recorded_samples(const RecordReader& record) {
  require_all_placements(record);
  std::vector<RecordedSample> samples;
  for (const std::string& part : parts_of(record)) {
    if (rows_of(record, part, "placements") > 0) HomeReplay(record, part).add_samples(samples);
  }
  std::ranges::stable_sort(samples, {}, &RecordedSample::placed_s);
  return samples;
}

}  // namespace weir
