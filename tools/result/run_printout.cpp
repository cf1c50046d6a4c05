#include "tools/result/run_result.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/result/capacity_result.hpp"
#include "tools/result/learned_decisions.hpp"
#include "tools/result/plan_demand_result.hpp"

namespace weir {
namespace {

constexpr std::size_t kMaxNodeRows = 16;
// What the other columns of their tables leave of 100.
constexpr std::size_t kMaxHostColumns = 25;
constexpr std::size_t kMaxStreamColumns = 34;

std::string fixed(double value, int digits) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

// Milliseconds with three significant digits or so, whatever their size.
std::string milliseconds(double ms) { return fixed(ms, ms < 10 ? 3 : ms < 1000 ? 1 : 0); }
std::string milliseconds(Duration d) { return milliseconds(to_milliseconds(d)); }

std::string percent(double share) { return fixed(100 * share, 1) + "%"; }

// Names differ at their ends as often as at their beginnings.
std::string shortened(const std::string& name, std::size_t columns) {
  if (name.size() <= columns) return name;
  const std::size_t kept = columns - 3;
  return name.substr(0, kept / 2) + "..." + name.substr(name.size() - (kept - kept / 2));
}

nlohmann::ordered_json response_json(const DurationHistogram& response) {
  return {{"mean", to_milliseconds(response.mean())},
          {"p50", to_milliseconds(response.quantile(0.5))},
          {"p95", to_milliseconds(response.quantile(0.95))},
          {"p99", to_milliseconds(response.quantile(0.99))},
          {"max", to_milliseconds(response.max())}};
}

DurationHistogram lateness_of(const RunResult& result) {
  DurationHistogram all;
  for (const RankResult& rank : result.ranks) all.merge(rank.lateness);
  return all;
}

struct Totals {
  NodeAgentCounts counts;
  DecisionCounts learned;
  std::uint64_t crashed = 0;
  std::uint64_t most_control_messages = 0;  // of one rank
  std::uint64_t bytes_moved = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  double control_cpu_s = 0;
  double making_cpu_s = 0;
};

Totals totals_of(const RunResult& result) {
  Totals totals;
  for (const RankResult& rank : result.ranks) {
    totals.counts.submitted += rank.counts.submitted;
    totals.counts.completed += rank.counts.completed;
    totals.counts.retried += rank.counts.retried;
    totals.counts.reissued += rank.counts.reissued;
    totals.counts.suspicions += rank.counts.suspicions;
    totals.counts.moved += rank.counts.moved;
    totals.counts.stale_ends += rank.counts.stale_ends;
    totals.counts.decisions += rank.counts.decisions;
    totals.counts.limit_decisions += rank.counts.limit_decisions;
    totals.counts.limits_differing += rank.counts.limits_differing;
    totals.learned += rank.learned;
    totals.crashed += rank.crashed;
    totals.counts.control_messages += rank.counts.control_messages;
    totals.counts.most_children = std::max(totals.counts.most_children, rank.counts.most_children);
    totals.most_control_messages =
        std::max(totals.most_control_messages, rank.counts.control_messages);
    totals.bytes_moved += rank.hand_over.bytes_given;
    totals.messages += rank.transport.messages_sent;
    totals.bytes += rank.transport.bytes_sent;
    totals.control_cpu_s += rank.control_cpu_s;
    totals.making_cpu_s += rank.making_cpu_s;
  }
  return totals;
}

double busy_share(const RunResult& result, std::size_t rank) {
  const double capacity = result.ranks[rank].worker_count * result.elapsed_s();
  return capacity > 0 ? std::min(1.0, result.ranks[rank].busy_s / capacity) : 0;
}

double mean_ms(double sum_s, std::uint64_t count) {
  return count == 0 ? 0 : 1000 * sum_s / static_cast<double>(count);
}

std::uint64_t task_count(const ClassTally& c) { return c.done + c.failed + c.dropped; }

double miss_rate(std::uint64_t missed, std::uint64_t with_deadline) {
  return with_deadline == 0 ? 0 : static_cast<double>(missed) / static_cast<double>(with_deadline);
}

nlohmann::ordered_json classes_json(const RunResult& result) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < result.class_names.size(); ++i) {
    const ClassTally& c = result.tally.classes()[i];
    if (task_count(c) == 0) continue;
    all[result.class_names[i]] = {{"completed", c.done},
                                  {"failed", c.failed},
                                  {"dropped", c.dropped},
                                  {"missed", c.missed},
                                  {"miss_rate", miss_rate(c.missed, c.with_deadline)},
                                  {"response_ms", response_json(c.response)},
                                  {"mean_service_ms", mean_ms(c.service_s, c.done)},
                                  {"mean_queued_ms", mean_ms(c.waited_s, c.done)}};
  }
  return all;
}

std::uint64_t missed_of(const RunTally& tally) {
  std::uint64_t sum = 0;
  for (const ClassTally& c : tally.classes()) sum += c.missed;
  return sum;
}

nlohmann::ordered_json nodes_json(const RunResult& result) {
  auto all = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < result.ranks.size(); ++i) {
    const RankResult& rank = result.ranks[i];
    const NodeTally& node = result.tally.nodes()[i];
    all.push_back({{"rank", i},
                   {"host", rank.host},
                   {"workers", rank.worker_count},
                   {"speed", rank.speed},
                   {"completed", node.done},
                   {"utilization", busy_share(result, i)},
                   {"mean_response_ms", mean_ms(node.response_s, node.done)},
                   {"mean_service_ms", mean_ms(node.service_s, node.done)},
                   {"control_cpu_s", rank.control_cpu_s},
                   {"resident_mb", rank.resident_bytes / 1e6}});
  }
  return all;
}

void print_classes(const RunResult& result, std::ostream& out) {
  out << "  class            completed   failed     mean      p50      p95      p99   service  "
         "(ms)\n";
  const auto row = [&](const std::string& name, std::uint64_t done, std::uint64_t failed,
                       const DurationHistogram& response, double service_s) {
    out << "  " << std::left << std::setw(16) << name << std::right << std::setw(10) << done
        << std::setw(9) << failed << std::setw(9) << milliseconds(response.mean()) << std::setw(9)
        << milliseconds(response.quantile(0.5)) << std::setw(9)
        << milliseconds(response.quantile(0.95)) << std::setw(9)
        << milliseconds(response.quantile(0.99)) << std::setw(10)
        << milliseconds(mean_ms(service_s, done)) << '\n';
  };
  int shown = 0;
  double service_s = 0;
  for (std::size_t i = 0; i < result.class_names.size(); ++i) {
    const ClassTally& c = result.tally.classes()[i];
    service_s += c.service_s;
    if (task_count(c) == 0) continue;
    row(result.class_names[i], c.done, c.failed, c.response, c.service_s);
    ++shown;
  }
  if (shown != 1) {
    row("all", result.tally.done(), result.tally.failed(), result.tally.response(), service_s);
  }
}

// Only where something was dropped or had a deadline.
void print_losses(const RunResult& result, std::ostream& out) {
  const auto row = [&out](const std::string& name, const ClassTally& c) {
    out << "  " << std::left << std::setw(16) << name << std::right << std::setw(10) << c.dropped
        << std::setw(9) << percent(miss_rate(c.dropped, task_count(c))) << std::setw(16)
        << c.with_deadline << std::setw(10) << c.missed << std::setw(9)
        << percent(miss_rate(c.missed, c.with_deadline)) << '\n';
  };
  ClassTally all;
  for (const ClassTally& c : result.tally.classes()) {
    all.done += c.done;
    all.failed += c.failed;
    all.dropped += c.dropped;
    all.with_deadline += c.with_deadline;
    all.missed += c.missed;
  }
  if (all.dropped + all.with_deadline == 0) return;
  out << "\n  class              dropped    share   with deadline    missed    share\n";
  for (std::size_t i = 0; i < result.class_names.size(); ++i) {
    if (task_count(result.tally.classes()[i]) > 0) {
      row(result.class_names[i], result.tally.classes()[i]);
    }
  }
  row("all", all);
}

void print_nodes(const RunResult& result, std::ostream& out) {
  out << "  node  workers  completed    busy   mean response ms   mean service ms   host\n";
  const std::size_t count = std::min(result.ranks.size(), kMaxNodeRows);
  for (std::size_t i = 0; i < count; ++i) {
    const RankResult& rank = result.ranks[i];
    const NodeTally& node = result.tally.nodes()[i];
    out << std::right << std::setw(6) << i << std::setw(9) << rank.worker_count << std::setw(11)
        << node.done << std::setw(8) << percent(busy_share(result, i)) << std::setw(19)
        << milliseconds(mean_ms(node.response_s, node.done)) << std::setw(18)
        << milliseconds(mean_ms(node.service_s, node.done)) << "   "
        << shortened(rank.host, kMaxHostColumns) << '\n';
  }
  if (count < result.ranks.size()) {
    double least = 1;
    double most = 0;
    for (std::size_t i = 0; i < result.ranks.size(); ++i) {
      if (result.ranks[i].worker_count == 0) continue;
      least = std::min(least, busy_share(result, i));
      most = std::max(most, busy_share(result, i));
    }
    out << "  ... and " << result.ranks.size() - count << " more; busy from " << percent(least)
        << " to " << percent(most) << " (all of them with --json)\n";
  }
}

void print_bounds(const RunResult& result, std::ostream& out) {
  const RunBounds& bounds = *result.bounds;
  out << "  efficiency   " << percent(result.efficiency()) << " of the capacity bound, "
      << fixed(bounds.capacity_per_s, 1) << " tasks/s\n"
      << "  floor        ";
  if (std::isinf(bounds.mean_floor_s)) {
    out << "none: more is offered than any rule completes\n";
    return;
  }
  out << "mean response at least " << milliseconds(1000 * bounds.mean_floor_s) << " ms";
  // Those that are not done could have been the slow ones.
  const bool all_done = result.tally.dropped() == 0 && (!result.world || result.world->lost == 0);
  if (all_done) {
    out << "; this run "
        << fixed(to_seconds(result.tally.response().mean()) / bounds.mean_floor_s, 3)
        << " times that";
  }
  out << '\n';
}

void print_summary(const RunResult& result, std::ostream& out) {
  const Totals totals = totals_of(result);
  // Nothing was left to be done: then there are no rates.
  const double seconds = result.elapsed_s() > 0 ? result.elapsed_s() : INFINITY;
  out << "  tasks        " << result.submitted() << " submitted, " << result.tally.done()
      << " completed, " << result.tally.failed() << " failed, " << result.tally.dropped()
      << " dropped\n"
      << "               " << totals.counts.moved << " moved, " << totals.counts.retried
      << " retried; " << fixed(static_cast<double>(totals.bytes_moved) / 1e6, 2) << " MB moved\n";
  if (totals.crashed > 0) {
    out << "  crashed      " << totals.crashed
        << " attempts, each with the child process that it ran in\n";
  }
  if (result.earlier) {
    out << "  resumed      at " << fixed(to_seconds(result.earlier->stream_time), 3)
        << " s of the streams; before that " << result.earlier->tasks << " tasks in "
        << fixed(result.earlier->elapsed_s, 2) << " s, in "
        << (result.earlier->count == 1 ? "1 part"
                                       : std::to_string(result.earlier->count) + " parts")
        << '\n';
  }
  if (totals.counts.suspicions > 0) {
    out << "  silence      nodes were suspected " << totals.counts.suspicions << " times, "
        << totals.counts.reissued << " tasks given elsewhere, " << totals.counts.stale_ends
        << " late results dropped\n";
  }
  out << "  throughput   " << fixed(result.throughput_per_s(), 1) << " tasks/s over "
      << fixed(result.elapsed_s(), 2) << " s (offered " << fixed(result.offered_rate_per_s, 1)
      << "/s)\n"
      << "  utilization  " << percent(result.utilization()) << " of the workers\n";
  if (result.bounds) print_bounds(result, out);
  out << "  scheduling   " << totals.counts.decisions << " placements, " << totals.messages
      << " messages, " << fixed(static_cast<double>(totals.bytes) / 1e6, 1) << " MB\n"
      << "               " << fixed(totals.control_cpu_s / seconds, 3)
      << " cores for all control threads, " << fixed(totals.making_cpu_s / seconds, 3)
      << " of them for making tasks\n";
  print_plan_demand(result, out);
  print_learned_decisions(totals.learned, out);
  print_limit_decisions(totals.counts, out);
  if (const auto learning = result.learning()) print_learning(*learning, out);
  out << "  control      "
      << fixed(static_cast<double>(totals.counts.control_messages) / seconds /
                   static_cast<double>(result.ranks.size()),
               1)
      << " control messages per node and second, "
      << fixed(static_cast<double>(totals.most_control_messages) / seconds, 1)
      << " of one rank at most;\n               at most " << totals.counts.most_children
      << " children of a coordinator\n";
  if (result.world) {
    print_capacity(*result.world, out);
    if (result.world->gave_up) {
      out << "  LOST         " << result.world->lost
          << " tasks that a dead rank held or had submitted\n";
    } else if (result.world->jammed) {
      out << "  LOST         " << result.world->lost << " tasks: the network is jammed\n";
    }
  }
  if (result.emulated) {
    const DurationHistogram lateness = lateness_of(result);
    out << "  lateness     mean " << milliseconds(lateness.mean()) << " ms, p99 "
        << milliseconds(lateness.quantile(0.99)) << " ms, max " << milliseconds(lateness.max())
        << " ms of emulated work\n";
    if (lateness.quantile(0.99) > kLatenessLimit) {
      out << "  VOID         more than 1% of the emulated work ended over "
          << fixed(to_milliseconds(kLatenessLimit), 0)
          << " ms late:\n               this machine is too slow for so many nodes or tasks\n";
    }
  }
}

}  // namespace

void print_json(const RunResult& result, std::ostream& out) {
  const Totals totals = totals_of(result);
  nlohmann::ordered_json digest = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < result.stream_names.size(); ++i) {
    digest[result.stream_names[i]] = result.tally.digests()[i].hex();
  }
  nlohmann::ordered_json json = {{"policy", result.policy},
                                 {"ranks", result.ranks.size()},
                                 {"seed", result.seed},
                                 {"interrupted", result.interrupted},
                                 {"tasks",
                                  {{"submitted", result.submitted()},
                                   {"completed", result.tally.done()},
                                   {"failed", result.tally.failed()},
                                   {"dropped", result.tally.dropped()},
                                   {"missed", missed_of(result.tally)},
                                   {"moved", totals.counts.moved},
                                   {"moved_bytes", totals.bytes_moved},
                                   {"retried", totals.counts.retried},
                                   {"crashed", totals.crashed},
                                   {"reissued", totals.counts.reissued},
                                   {"stale_ends", totals.counts.stale_ends}}},
                                 {"response_ms", response_json(result.tally.response())},
                                 {"throughput_per_s", result.throughput_per_s()},
                                 {"offered_per_s", result.offered_rate_per_s},
                                 {"elapsed_s", result.elapsed_s()},
                                 {"utilization", result.utilization()},
                                 {"scheduling",
                                  {{"decisions", totals.counts.decisions},
                                   {"control_messages", totals.counts.control_messages},
                                   {"most_control_messages", totals.most_control_messages},
                                   {"most_children", totals.counts.most_children},
                                   {"messages", totals.messages},
                                   {"bytes", totals.bytes},
                                   {"control_cpu_s", totals.control_cpu_s},
                                   {"making_cpu_s", totals.making_cpu_s}}},
                                 {"plan_demand", plan_demand_json(result)},
                                 {"digest", digest},
                                 {"classes", classes_json(result)},
                                 {"nodes", nodes_json(result)}};
  if (result.earlier) {
    json["resumed"] = {{"parts", result.earlier->count},
                       {"tasks", result.earlier->tasks},
                       {"elapsed_s", result.earlier->elapsed_s},
                       {"stream_time_s", to_seconds(result.earlier->stream_time)}};
  }
  if (!result.lost_ranks.empty()) json["lost_ranks"] = result.lost_ranks;
  if (result.continues_at) json["continues_at_s"] = to_seconds(*result.continues_at);
  if (totals.learned.placements > 0) json["learned"] = learned_decisions_json(totals.learned);
  if (totals.counts.limit_decisions > 0) json["limits"] = limit_decisions_json(totals.counts);
  if (const auto learning = result.learning()) json["online"] = learning_json(*learning);
  if (result.bounds) {
    json["efficiency"] = result.efficiency();
    // Null above the capacity, where there is no such floor.
    json["bounds"] = {{"capacity_per_s", result.bounds->capacity_per_s},
                      {"mean_floor_ms", 1000 * result.bounds->mean_floor_s}};
  }
  if (result.emulated) {
    const DurationHistogram lateness = lateness_of(result);
    json["lateness_ms"] = response_json(lateness);
    json["void"] = lateness.quantile(0.99) > kLatenessLimit;
  }
  if (result.world) {
    json["tasks"]["lost"] = result.world->lost;
    json.update({{"gave_up", result.world->gave_up}, {"jammed", result.world->jammed}});
    json["capacity_cost"] = capacity_json(*result.world);
  }
  out << json.dump() << '\n';
}

void print_tables(const RunResult& result, std::ostream& out) {
  out << '\n'
      << result.policy << " on " << result.ranks.size()
      << (result.ranks.size() == 1 ? " rank" : " ranks")
      << (result.emulated ? ", emulated work" : "") << (result.interrupted ? ", interrupted" : "")
      << (result.continues_at ? ", to be continued" : "") << "\n\n";
  print_classes(result, out);
  print_losses(result, out);
  out << '\n';
  print_nodes(result, out);
  out << '\n';
  print_summary(result, out);
  for (std::size_t i = 0; i < result.stream_names.size(); ++i) {
    out << "  digest       " << result.tally.digests()[i].hex() << "  "
        << shortened(result.stream_names[i], kMaxStreamColumns) << '\n';
  }
  out << std::flush;
}

}  // namespace weir
