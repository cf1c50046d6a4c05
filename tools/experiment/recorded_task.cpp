#include "tools/experiment/recorded_task.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tools/experiment/record_rows.hpp"

namespace weir {
namespace {

// The first candidate of a placement, or of one after it: they are in the order of placements.
std::uint64_t first_candidate(const RecordReader& record, const std::string& part,
                              std::uint64_t number) {
  std::uint64_t low = 0;
  std::uint64_t high = rows_of(record, part, "candidates");
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (value_at<std::uint64_t>(record, part, "candidates", "placement", middle) < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::vector<RecordedNode> candidates_of(const RecordReader& record, const std::string& part,
                                        std::uint64_t number, ClassId task_class) {
  const std::uint64_t first = first_candidate(record, part, number);
  const std::uint64_t end = first_candidate(record, part, number + 1);
  const auto column = [&]<typename T>(const char* name, T) {
    return record.column<T>(part, "candidates", name, first, end - first);
  };
  const auto rank = column("node", std::int32_t{});
  const auto cores = column("cores", double{});
  const auto speed = column("speed", double{});
  const auto queued = column("queued", std::uint32_t{});
  const auto running = column("running", std::uint32_t{});
  const auto age = column("report_age_s", double{});
  const auto own = column("own_in_flight", std::uint32_t{});
  const auto since = column("own_since_report", std::uint32_t{});
  const auto own_of_class = column("own_of_class", std::uint32_t{});
  const auto limit = column("limit", std::uint32_t{});
  const auto homes = column("homes", double{});
  const auto service = column("mean_service_s", double{});
  const auto expected = column("expected_service_s", double{});
  const auto measured = column("measured_speed", double{});
  std::vector<RecordedNode> nodes(rank.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    NodeView& view = nodes[i].view;
    view.rank = RankId(rank[i]);
    view.cores = cores[i];
    view.speed = speed[i];
    view.queued = queued[i];
    view.running = running[i];
    view.report_age = from_seconds(age[i]);
    view.own_in_flight = own[i];
    view.own_since_report = since[i];
    view.own_of_class[task_class.value()] = own_of_class[i];
    view.classes[task_class.value()].limit = limit[i];
    view.homes = homes[i];
    view.mean_service_s[task_class.value()] = service[i];
    nodes[i].expected_service_s = expected[i];
    nodes[i].measured_speed = measured[i];
  }
  return nodes;
}

RecordedEnd end_at(const RecordReader& record, const std::string& part, std::uint64_t row) {
  const auto at = [&]<typename T>(const char* name, T) {
    return value_at<T>(record, part, "tasks", name, row);
  };
  RecordedEnd end;
  end.attempt = at("attempt", std::uint32_t{});
  end.failed = at("failed", std::uint8_t{}) != 0;
  end.dropped = at("dropped", std::uint8_t{}) != 0;
  end.moved = at("moved", std::uint8_t{}) != 0;
  end.node = RankId(at("node", std::int32_t{}));
  end.arrival_s = at("arrival_s", double{});
  end.response_s = at("response_s", double{});
  end.queued_s = at("queued_s", double{});
  end.service_s = at("service_s", double{});
  return end;
}

std::string text_attribute(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  const auto* text = found == attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? "" : *text;
}

void add_placements(const RecordReader& record, const std::string& part, RecordedTask& task) {
  for (const std::uint64_t row : rows_with(record, part, "placements", "id", task.id.value())) {
    const auto at = [&]<typename T>(const char* name, T) {
      return value_at<T>(record, part, "placements", name, row);
    };
    task.task_class = ClassId(at("class", std::uint8_t{}));
    RecordedPlacement placement;
    placement.time_s = at("time_s", double{});
    placement.home = task.home;
    placement.task_class = task.task_class;
    placement.chosen = RankId(at("node", std::int32_t{}));
    placement.dispatcher_count = at("dispatchers", double{});
    const double slack_s = at("slack_s", double{});
    if (std::isfinite(slack_s)) placement.slack = from_seconds(slack_s);
    placement.work_s = at("work_s", double{});
    placement.nodes = candidates_of(record, part, at("number", std::uint64_t{}), task.task_class);
    task.placements.push_back(std::move(placement));
  }
}

void add_end(const RecordReader& record, const std::string& part, RecordedTask& task) {
  const auto rows = rows_with(record, part, "tasks", "id", task.id.value());
  if (rows.empty()) return;
  task.task_class = ClassId(value_at<std::uint8_t>(record, part, "tasks", "class", rows.front()));
  task.end = end_at(record, part, rows.front());
  for (const std::uint64_t row : rows_with(record, part, "dead_letters", "id", task.id.value())) {
    const auto number = value_at<std::uint32_t>(record, part, "dead_letters", "error", row);
    task.error = text_attribute(record.attributes(part), "error_" + std::to_string(number));
  }
}

}  // namespace

bool has_placements(const RecordReader& record) {
  return std::ranges::any_of(parts_of(record), [&](const std::string& part) {
    return std::ranges::any_of(record.tables(part), [](const TableInfo& table) {
      return table.schema.name == "placements";
    });
  });
}

std::optional<RecordedTask> find_task(const RecordReader& record, TaskId id) {
  for (const std::string& part : parts_of(record)) {
    RecordedTask task{.id = id};
    const Attributes attributes = record.attributes(part);
    if (const auto rank = attributes.find("rank"); rank != attributes.end()) {
      task.home = RankId(static_cast<std::int32_t>(std::get<std::int64_t>(rank->second)));
    }
    if (rows_of(record, part, "placements") > 0) add_placements(record, part, task);
    add_end(record, part, task);
    if (task.placements.empty() && !task.end) continue;
    task.class_name = name_in(record, part, "class_names", task.task_class.value());
    task.stream_name = name_in(record, part, "stream_names", stream_of(id).value());
    return task;
  }
  return std::nullopt;
}

std::string policy_of(const RecordReader& record) {
  return text_attribute(record.attributes(), "option_policy");
}

}  // namespace weir
