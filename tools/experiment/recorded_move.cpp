#include "tools/experiment/recorded_move.hpp"

#include <algorithm>

#include "tools/experiment/record_rows.hpp"

namespace weir {
namespace {

std::string part_in(const RecordReader& record, RankId rank) {
  return record.is_segment() ? "" : part_of(rank);
}

MoveCandidate candidate_at(const RecordReader& record, const std::string& part, std::uint64_t row) {
  const auto at = [&]<typename T>(const char* name, T) {
    return value_at<T>(record, part, "move_candidates", name, row);
  };
  return {.node = RankId(at("node", std::int32_t{})),
          .workers = at("workers", double{}),
          .queued = at("queued", std::uint32_t{}),
          .queued_of_class = at("queued_of_class", std::uint32_t{}),
          .service_s = at("service_s", double{}),
          .wait_s = at("wait_s", double{})};
}

RecordedMoveEnd end_at(const RecordReader& record, const std::string& part, std::uint64_t row) {
  const auto at = [&]<typename T>(const char* name, T) {
    return value_at<T>(record, part, "move_ends", name, row);
  };
  return {.time_s = at("time_s", double{}),
          .moved = at("moved", std::uint32_t{}),
          .bytes = at("bytes", std::uint64_t{}),
          .took_s = at("took_s", double{})};
}

}  // namespace

std::optional<std::uint64_t> move_count(const RecordReader& record, RankId rank) {
  const std::vector<RankId> ranks = record.ranks();
  if (!record.is_segment() && std::ranges::find(ranks, rank) == ranks.end()) return std::nullopt;
  const std::string part = part_in(record, rank);
  const auto tables = record.tables(part);
  const auto moves = std::ranges::find_if(
      tables, [](const TableInfo& table) { return table.schema.name == "moves"; });
  if (moves == tables.end()) return std::nullopt;
  return moves->rows;
}

RecordedMove move_at(const RecordReader& record, RankId rank, std::uint64_t number) {
  const std::string part = part_in(record, rank);
  const auto at = [&]<typename T>(const char* name, T) {
    return value_at<T>(record, part, "moves", name, number);
  };
  RecordedMove move;
  move.time_s = at("time_s", double{});
  move.decided = {.number = static_cast<std::uint32_t>(number),
                  .level = at("level", std::uint8_t{}),
                  .kind = static_cast<MoveKind>(at("kind", std::uint8_t{})),
                  .from = RankId(at("from", std::int32_t{})),
                  .to = RankId(at("to", std::int32_t{})),
                  .why = {.task_class = ClassId(at("class", std::uint8_t{})),
                          .count = at("count", std::uint32_t{}),
                          .wait_from_s = at("wait_from_s", double{}),
                          .wait_to_s = at("wait_to_s", double{}),
                          .wait_from_after_s = at("wait_from_after_s", double{}),
                          .wait_to_after_s = at("wait_to_after_s", double{}),
                          .service_from_s = at("service_from_s", double{}),
                          .service_to_s = at("service_to_s", double{}),
                          .gain_s = at("gain_s", double{}),
                          .cost_s = at("cost_s", double{}),
                          .margin_s = at("margin_s", double{})},
                  .candidates = {}};
  move.class_name = name_in(record, part, "class_names", move.decided.why.task_class.value());
  for (const auto row : rows_with(record, part, "move_candidates", "move", number)) {
    move.decided.candidates.push_back(candidate_at(record, part, row));
  }
  for (const auto row : rows_with(record, part, "move_ends", "move", number)) {
    move.ends.push_back(end_at(record, part, row));
  }
  return move;
}

}  // namespace weir
