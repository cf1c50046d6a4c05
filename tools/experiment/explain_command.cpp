#include "tools/experiment/explain_command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <optional>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command_line.hpp"
#include "tools/experiment/comparison_report.hpp"
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
  bool all = false;
  bool help = false;
};

po::options_description described_options() {
  po::options_description all("weir explain: why a task went where it went");
  auto add = all.add_options();
  add("task", po::value<std::string>(),
      "its id, or STREAM:INDEX with the stream's number, as `0:41`");
  add("all", po::bool_switch(), "show all nodes, not the first ten");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: weir explain RUN.h5 --task ID [options]\n\n"
       << described_options()
       << "\nRUN.h5 is written by `weir simulate` or `weir run` with --record RUN.h5 and\n"
          "--record-placements.\n";
  return text.str();
}

ExplainOptions parse(const std::vector<std::string>& arguments) {
  po::options_description all = described_options();
  all.add_options()("record", po::value<std::string>());
  const po::variables_map given =
      read_command_line(arguments, all, {"explain", "record", 1, "a run file and a task"});
  ExplainOptions options;
  options.help = given["help"].as<bool>();
  options.all = given["all"].as<bool>();
  if (options.help) return options;
  if (given.count("record") == 0 || given.count("task") == 0) {
    throw Error("there is nothing to explain",
                given.count("record") == 0 ? "no run file" : "no task", "a run file and a task",
                "weir explain run.h5 --task 0:41");
  }
  options.record = given["record"].as<std::string>();
  options.task = given["task"].as<std::string>();
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

std::string milliseconds(double seconds) { return number_text(1000 * seconds, 2); }

std::string ordinal_of(std::size_t place, std::size_t count) {
  return std::to_string(place + 1) + " of " + std::to_string(count);
}

void print_nodes(const RecordedPlacement& placement, Quantity primary, bool all,
                 std::ostream& out) {
  TextTable table({"node", "cores", "speed", "queued", "running", "report ms", "own", "own new",
                   "D(own+1)/c", "tasks est.", "service ms", "delay ms", text_of(primary)});
  const std::vector<std::size_t> order = ranking_of(placement, primary);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const RecordedNode& node = placement.nodes[order[place]];
    const NodeView& view = node.view;
    const bool chosen = view.rank == placement.chosen;
    if (place >= kShownNodes && !chosen && !all) continue;
    table.add({std::to_string(view.rank.value()) + (chosen ? " *" : ""), number_text(view.cores, 0),
               number_text(view.speed, 2), std::to_string(view.queued),
               std::to_string(view.running), milliseconds(to_seconds(view.report_age)),
               std::to_string(view.own_in_flight), std::to_string(view.own_since_report),
               number_text(placement.dispatcher_count * (view.own_in_flight + 1.0) / view.cores, 2),
               number_text(estimated_tasks(view, placement.dispatcher_count), 1),
               milliseconds(node.expected_service_s),
               milliseconds(quantity_of(placement, node, Quantity::kDelay)),
               number_text(quantity_of(placement, node, primary), 4)});
  }
  table.print_text(out);
}

// Where the chosen node stands by every quantity, those of the rule marked.
void print_ranks(const RecordedPlacement& placement, const RuleExplanation& rule,
                 std::ostream& out) {
  for (const Quantity quantity : {Quantity::kTasks, Quantity::kTasksPerSpeed,
                                  Quantity::kOwnPerSpeed, Quantity::kService, Quantity::kDelay}) {
    const auto order = ranking_of(placement, quantity);
    const auto found = std::ranges::find_if(order, [&](std::size_t place) {
      return placement.nodes[place].view.rank == placement.chosen;
    });
    if (found == order.end()) continue;
    // Equal values are equally good: the place is that of the first of them.
    const double value = quantity_of(placement, placement.nodes[*found], quantity);
    const auto first = std::ranges::find_if(order, [&](std::size_t place) {
      return quantity_of(placement, placement.nodes[place], quantity) == value;
    });
    const bool decides = std::ranges::find(rule.quantities, quantity) != rule.quantities.end();
    out << "    " << ordinal_of(static_cast<std::size_t>(first - order.begin()), order.size())
        << " by " << text_of(quantity) << (decides ? ", which the rule looks at" : "") << '\n';
  }
}

void print_placement(const RecordedPlacement& placement, const RuleExplanation& rule, bool all,
                     std::ostream& out) {
  out << "\n  placed at " << number_text(placement.time_s, 6) << " s on node "
      << placement.chosen.value() << ", by a home that is one of "
      << number_text(placement.dispatcher_count, 0) << "\n\n";
  if (placement.nodes.empty()) {
    out << "  The rows of what it knew are missing: the disk was too slow for them.\n";
    return;
  }
  const Quantity primary = rule.quantities.empty() ? Quantity::kDelay : rule.quantities.front();
  print_nodes(placement, primary, all, out);
  out << "\n  the chosen node (*) was\n";
  print_ranks(placement, rule, out);
}

void print_end(const RecordedTask& task, std::ostream& out) {
  out << '\n';
  if (!task.end) {
    out << "  It had not ended when the record did, or its row was lost.\n";
    return;
  }
  const RecordedEnd& end = *task.end;
  out << "  arrived at " << number_text(end.arrival_s, 6) << " s, "
      << (end.failed ? "failed" : "done") << " after " << milliseconds(end.response_s)
      << " ms: " << milliseconds(end.queued_s) << " ms queued and " << milliseconds(end.service_s)
      << " ms running on node " << end.node.value();
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
  const RuleExplanation rule = explanation_of(policy);
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
