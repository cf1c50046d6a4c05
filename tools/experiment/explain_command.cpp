#include "tools/experiment/explain_command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/move_explanation.hpp"
#include "tools/experiment/placement_ranking.hpp"
#include "tools/experiment/recorded_task.hpp"
#include "tools/experiment/text_table.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kShownNodes = 10;

struct ExplainOptions {
  std::string record;
  std::string task;
  std::string move;
  bool all = false;
  bool help = false;
};

po::options_description options_of_explain() {
  po::options_description all(
      "weir explain: why a task went where it went, and why queued tasks moved");
  auto add = all.add_options();
  add("task", po::value<std::string>(),
      "its id, or STREAM:INDEX with the stream's number, as `0:41`");
  add("move", po::value<std::string>(),
      "number of a move of queued tasks, or RANK:NUMBER of one decided on another rank than 0");
  add("all", po::bool_switch(), "show all nodes, not the first ten");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: weir explain RUN.h5 --task ID [options]\n"
          "       weir explain RUN.h5 --move NUMBER [options]\n\n"
       << options_of_explain()
       << "\nRUN.h5 is written by `weir simulate` or `weir run` with --record RUN.h5 and\n"
          "--record-placements; for moves --record is enough.\n";
  return text.str();
}

ExplainOptions parse(const std::vector<std::string>& arguments) {
  po::options_description all = options_of_explain();
  all.add_options()("record", po::value<std::string>());
  const po::variables_map given =
      read_command_line(arguments, all, {"explain", "record", 1, "a run file and a task"});
  ExplainOptions options;
  options.help = given["help"].as<bool>();
  options.all = given["all"].as<bool>();
  if (options.help) return options;
  if (given.count("record") == 0 || given.count("task") + given.count("move") == 0) {
    throw Error("there is nothing to explain",
                given.count("record") == 0 ? "no run file" : "no task and no move",
                "a run file and a task, or a move", "weir explain run.h5 --task 0:41");
  }
  if (given.count("task") + given.count("move") > 1) {
    throw Error("two things are to be explained", "--task and --move", "one of them",
                "leaving out --move");
  }
  options.record = given["record"].as<std::string>();
  if (given.count("task")) options.task = given["task"].as<std::string>();
  if (given.count("move")) options.move = given["move"].as<std::string>();
  return options;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return number;
}

TaskId task_id_of(const std::string& text) {
  constexpr std::uint64_t kMostIndex = (std::uint64_t{1} << 48) - 1;
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    if (const auto id = whole_number(text)) return TaskId(*id);
  } else {
    const auto stream = whole_number(std::string_view(text).substr(0, colon));
    const auto index = whole_number(std::string_view(text).substr(colon + 1));
    if (stream && index && *stream <= 0xffff && *index <= kMostIndex) {
      return make_task_id(StreamId(static_cast<std::uint16_t>(*stream)), *index);
    }
  }
  throw Error("this is no id of a task", "\"" + text + "\"",
              "a whole number as in the column id of the tasks, or STREAM:INDEX", "--task 0:41");
}

std::string ordinal_of(std::size_t place, std::size_t count) {
  return std::to_string(place + 1) + " of " + std::to_string(count);
}

// When a quantity of the rule has its turn.
std::string turn_of(std::size_t quantity, const RuleExplanation& rule) {
  if (rule.quantities.size() == 1) return "compared";
  return quantity == 0 ? "first" : "else";
}

std::string value_text(double value) { return std::isfinite(value) ? number_text(value, 4) : "-"; }

void print_nodes(const RecordedPlacement& placement, const RuleExplanation& rule, bool all,
                 std::ostream& out) {
  std::vector<std::string> headings{"node",   "cores",        "speed",     "measured",
                                    "queued", "running",      "report ms", "own",
                                    "new",    "own of class", "limit",     "class ms"};
  for (std::size_t i = 0; i < rule.quantities.size(); ++i) headings.push_back(turn_of(i, rule));
  TextTable table(std::move(headings));
  const std::vector<std::size_t> order = ranking_of(placement, rule.quantities);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const RecordedNode& node = placement.nodes[order[place]];
    const NodeView& view = node.view;
    const std::size_t task_class = placement.task_class.value();
    const std::uint32_t limit = view.classes[task_class].limit;
    const bool chosen = view.rank == placement.chosen;
    if (place >= kShownNodes && !chosen && !all) continue;
    std::vector<std::string> cells{std::to_string(view.rank.value()) + (chosen ? " *" : ""),
                                   number_text(view.cores, 0),
                                   number_text(view.speed, 2),
                                   number_text(node.measured_speed, 2),
                                   std::to_string(view.queued),
                                   std::to_string(view.running),
                                   milliseconds_text(to_seconds(view.report_age)),
                                   std::to_string(view.own_in_flight),
                                   std::to_string(view.own_since_report),
                                   std::to_string(view.own_of_class[task_class]),
                                   limit == 0 ? "-" : std::to_string(limit),
                                   milliseconds_text(node.expected_service_s)};
    for (const Quantity& quantity : rule.quantities) {
      cells.push_back(value_text(value_of(quantity, placement, node)));
    }
    table.add(std::move(cells));
  }
  table.print_text(out);
}

// Where the chosen node stands by each quantity of the rule. Equal values are equally good: the
// place is that of the first of them.
void print_ranks(const RecordedPlacement& placement, const RuleExplanation& rule,
                 std::ostream& out) {
  const auto chosen = std::ranges::find_if(placement.nodes, [&](const RecordedNode& node) {
    return node.view.rank == placement.chosen;
  });
  if (chosen == placement.nodes.end()) return;
  for (std::size_t i = 0; i < rule.quantities.size(); ++i) {
    const Quantity& quantity = rule.quantities[i];
    const double value = value_of(quantity, placement, *chosen);
    std::size_t in_question = 0;
    std::size_t better = 0;
    for (const RecordedNode& node : placement.nodes) {
      const double other = value_of(quantity, placement, node);
      in_question += std::isfinite(other) ? 1 : 0;
      better += other < value ? 1 : 0;
    }
    const std::string place =
        std::isfinite(value) ? ordinal_of(better, in_question)
                             : "not one of the " + std::to_string(in_question) + " in question";
    out << "  " << turn_of(i, rule) << ", " << quantity.text << ": the chosen node (*) was "
        << place << '\n';
  }
}

void print_placement(const RecordedPlacement& placement, const RuleExplanation& rule, bool all,
                     std::ostream& out) {
  out << "\n  placed at " << number_text(placement.time_s, 6) << " s on node "
      << placement.chosen.value()
      << ", by a home that is one of D = " << number_text(placement.dispatcher_count, 0) << "\n\n";
  if (placement.nodes.empty()) {
    out << "  The rows of what it knew are missing: the disk was too slow for them.\n";
    return;
  }
  print_nodes(placement, rule, all, out);
  out << '\n';
  print_ranks(placement, rule, out);
  if (!rule.not_recorded.empty()) {
    out << "  not in the record, and it decides: " << rule.not_recorded << '\n';
  }
}

void print_end(const RecordedTask& task, std::ostream& out) {
  out << '\n';
  if (!task.end) {
    out << "  It had not ended when the record did, or its row was lost.\n";
    return;
  }
  const RecordedEnd& end = *task.end;
  if (end.dropped) {
    out << "  arrived at " << number_text(end.arrival_s, 6) << " s and was dropped, "
        << (end.node == kNoRank
                ? "for its home had no room for it"
                : "for it was late when its turn came at node " + std::to_string(end.node.value()))
        << '\n';
    return;
  }
  out << "  arrived at " << number_text(end.arrival_s, 6) << " s, "
      << (end.failed ? "failed" : "done") << " after " << milliseconds_text(end.response_s)
      << " ms: " << milliseconds_text(end.queued_s) << " ms queued and "
      << milliseconds_text(end.service_s) << " ms running on node " << end.node.value();
  if (end.moved) out << ", after it was handed over between nodes";
  if (end.attempt > 1) out << ", in attempt " << end.attempt;
  out << '\n';
  if (!task.error.empty()) out << "  error: " << task.error << '\n';
}

}  // namespace

int explain_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const ExplainOptions options = parse(arguments);
  if (options.help) {
    out << help_text();
    return 0;
  }
  if (!options.move.empty()) {
    explain_move(RecordReader(options.record), options.record, options.move, options.all, out);
    return 0;
  }
  const TaskId id = task_id_of(options.task);
  const RecordReader record(options.record);
  if (!has_placements(record)) {
    throw Error("nothing tells why tasks went where they went", options.record,
                "a run that was recorded with its placements",
                "weir simulate ... --record run.h5 --record-placements");
  }
  const auto task = find_task(record, id);
  if (!task) {
    throw Error("there is no such task in the record", options.task,
                "a task of the run, and of the share that was recorded (--record-share)",
                "an id of the column tasks/id");
  }
  const std::string policy = policy_of(record);
  const RuleExplanation rule = explanation_of(policy).value_or(RuleExplanation{
      "a rule that this version does not know", {}, "how it compares what it knew"});
  out << "task " << id.value() << ": index " << (id.value() & ((std::uint64_t{1} << 48) - 1))
      << " of " << task->stream_name << ", class " << task->class_name << ", home rank "
      << task->home.value() << "\n  " << policy << ": " << rule.text << '\n';
  for (const RecordedPlacement& placement : task->placements) {
    print_placement(placement, rule, options.all, out);
  }
  print_end(*task, out);
  out << std::flush;
  return 0;
}

}  // namespace weir
