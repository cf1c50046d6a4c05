#include "tools/experiment/move_explanation.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "runtime/base/error.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/recorded_move.hpp"
#include "tools/experiment/text_table.hpp"

namespace weir {
namespace {

constexpr std::size_t kShownChildren = 10;

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || number < 0) {
    return {};
  }
  return number;
}

struct MoveName {
  RankId rank{0};
  std::uint64_t number = 0;
};

MoveName name_of(const std::string& text) {
  const auto colon = text.find(':');
  const std::string_view all(text);
  const auto rank = colon == std::string::npos ? std::optional<std::int32_t>(0)
                                               : whole_number<std::int32_t>(all.substr(0, colon));
  const auto number =
      whole_number<std::uint64_t>(colon == std::string::npos ? all : all.substr(colon + 1));
  if (rank && number) return {RankId(*rank), *number};
  throw Error("this is no number of a move", "\"" + text + "\"",
              "a whole number as in the column number of the moves of rank 0, or RANK:NUMBER",
              "--move 0");
}

std::string what_it_is(const DecidedMove& move) {
  const std::string from = std::to_string(move.from.value());
  const std::string to = std::to_string(move.to.value());
  const std::string count = std::to_string(move.why.count);
  switch (move.kind) {
    case MoveKind::kOrder:
      return "node " + from + " was ordered to offer " + count + " tasks to node " + to;
    case MoveKind::kQuota:
      return "the part of the tree under rank " + from + " was to give " + count +
             " tasks to that under rank " + to;
    case MoveKind::kOfQuota:
      return "for a quota from above, node " + from + " was ordered to offer " + count +
             " tasks to node " + to + " of another cluster";
    case MoveKind::kHint:
      return "node " + to + " was told to ask node " + from + " for work when idle, and did";
  }
  return "a move of a kind that this version does not know";
}

void print_children(const DecidedMove& move, bool all, std::ostream& out) {
  TextTable table({"child", "workers", "queued", "of class", "class ms", "wait ms", "end ms"});
  std::vector<MoveCandidate> children = move.candidates;
  std::ranges::stable_sort(children, {}, [](const MoveCandidate& child) {
    return std::pair(child.workers == 0, child.wait_s + child.service_s);
  });
  for (std::size_t i = 0; i < children.size(); ++i) {
    const MoveCandidate& child = children[i];
    const bool gives = child.node == move.from;
    const bool gets = child.node == move.to;
    if (i >= kShownChildren && !gives && !gets && !all) continue;
    const std::string name = std::to_string(child.node.value()) + (gives  ? " from"
                                                                   : gets ? " to"
                                                                          : "");
    if (child.workers == 0) {
      table.add({name, "no part", "-", "-", "-", "-", "-"});
      continue;
    }
    table.add({name, number_text(child.workers, 0), std::to_string(child.queued),
               std::to_string(child.queued_of_class), milliseconds_text(child.service_s),
               milliseconds_text(child.wait_s), milliseconds_text(child.wait_s + child.service_s)});
  }
  table.print_text(out);
}

void print_reason(const DecidedMove& move, std::ostream& out) {
  const PlannedMove& why = move.why;
  if (move.kind == MoveKind::kOfQuota) {
    out << "  the quota names the receiver; of the children, those give whose tasks wait longest: "
        << milliseconds_text(why.wait_from_s) << " ms there without these\n";
    return;
  }
  out << "  expected wait there " << milliseconds_text(why.wait_from_s) << " ms, here "
      << milliseconds_text(why.wait_to_s) << " ms; after the move "
      << milliseconds_text(why.wait_from_after_s) << " and "
      << milliseconds_text(why.wait_to_after_s) << " ms\n  a task takes "
      << milliseconds_text(why.service_from_s) << " ms there, "
      << milliseconds_text(why.service_to_s) << " ms here\n  gain per task "
      << milliseconds_text(why.gain_s) << " ms, more than the " << milliseconds_text(why.cost_s)
      << " ms of a transfer "
      << (why.cost_s > 0 ? "as measured so far" : "of which none was measured yet") << " and the "
      << milliseconds_text(why.margin_s) << " ms that\n  may change by chance while reports age\n";
}

void print_ends(const RecordedMove& move, std::ostream& out) {
  if (move.ends.empty()) out << "  no answer came before the run ended or the order was given up\n";
  for (const RecordedMoveEnd& end : move.ends) {
    out << "  at " << number_text(end.time_s, 6) << " s: ";
    if (end.moved > 0) {
      out << end.moved << (end.moved == 1 ? " task" : " tasks") << " moved, " << end.bytes
          << " bytes, " << milliseconds_text(end.took_s) << " ms from the offer to its answer\n";
    } else {
      out << (end.took_s > 0 ? "the receiver refused: it would have been worse off\n"
                             : "nothing moved: nothing was left that may\n");
    }
  }
}

}  // namespace

void explain_move(const RecordReader& record, const std::string& file, const std::string& move,
                  bool all, std::ostream& out) {
  const MoveName name = name_of(move);
  const auto count = move_count(record, name.rank);
  if (!count) {
    throw Error("nothing tells why queued tasks moved", file,
                "a run with migration that was recorded, and a rank of it",
                "weir simulate ... --policy tree --record run.h5");
  }
  if (name.number >= *count) {
    throw Error("there is no such move in the record", move,
                *count == 0 ? "a rank that decided some: rank " +
                                  std::to_string(name.rank.value()) + " decided none"
                            : "a number from 0 to " + std::to_string(*count - 1) + " of rank " +
                                  std::to_string(name.rank.value()),
                *count == 0 ? "--move RANK:0 with the rank of another coordinator"
                            : "--move 0, or --move RANK:0");
  }
  const RecordedMove found = move_at(record, name.rank, name.number);
  out << "move " << name.number << " of " << *count << " decided on rank " << name.rank.value()
      << ", at " << number_text(found.time_s, 6) << " s by the coordinator of level "
      << int{found.decided.level} << ", class " << found.class_name << "\n  "
      << what_it_is(found.decided) << "\n\n";
  print_children(found.decided, all, out);
  out << '\n';
  print_reason(found.decided, out);
  print_ends(found, out);
  out << std::flush;
}

}  // namespace weir
