#include "tools/experiment/comparison_report.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "tools/experiment/scenario_matrix.hpp"
#include "tools/experiment/text_table.hpp"

namespace weir {
namespace {

constexpr const char* kMatrixNotes =
    "A star: the least of a scenario. In brackets: lost more tasks than the others, so that its "
    "mean is of\neasier work.\n\n";

std::string number_of(const PolicySummary& summary, const std::string& column, int digits) {
  const auto found = summary.means.find(column);
  return found == summary.means.end() ? "-" : number_text(found->second, digits);
}

std::string percent_of(const PolicySummary& summary, const std::string& column, int digits) {
  const auto found = summary.means.find(column);
  return found == summary.means.end() ? "-" : number_text(100 * found->second, digits) + "%";
}

std::string p_text(double p) { return p < 0.001 ? "<.001" : number_text(p, 3); }

constexpr double kMostRatio = 1000;

std::string interval_text(const RatioEstimate& ratio) {
  if (std::isnan(ratio.low)) return "-";
  // Means of runs that collapse differ by any factor.
  return number_text(ratio.low, 3) + " to " +
         (ratio.high < kMostRatio ? number_text(ratio.high, 3) : "any");
}

bool has(const std::vector<const PolicySummary*>& summaries, const std::string& column) {
  for (const PolicySummary* summary : summaries) {
    if (summary->means.contains(column)) return true;
  }
  return false;
}

std::string name_of(const ExperimentResults& results, const PolicySummary& summary) {
  const auto tuned = results.tuned.find({summary.scenario, summary.policy});
  return tuned == results.tuned.end() ? results.policies[summary.policy]
                                      : tuned->second + " (tuned)";
}

TextTable response_table(const ExperimentResults& results,
                         const std::vector<const PolicySummary*>& summaries) {
  TextTable table({"response, ms", "mean", "p50", "p95", "p99", "p99.9", "loss", "missed", "ratio",
                   "95 %", "p", "verdict"});
  for (const PolicySummary* summary : summaries) {
    const bool is_baseline = summary->verdict == Verdict::kBaseline;
    table.add({name_of(results, *summary), number_of(*summary, "mean_ms", 2),
               number_of(*summary, "p50_ms", 1), number_of(*summary, "p95_ms", 1),
               number_of(*summary, "p99_ms", 1), number_of(*summary, "p999_ms", 1),
               percent_of(*summary, "loss", 2), percent_of(*summary, "missed", 2),
               number_text(summary->ratio.ratio, 4),
               is_baseline ? "" : interval_text(summary->ratio),
               is_baseline ? "" : p_text(summary->p), text_of(summary->verdict)});
  }
  return table;
}

TextTable cost_table(const ExperimentResults& results,
                     const std::vector<const PolicySummary*>& summaries) {
  TextTable table({"per task", "tasks/s", "busy", "moved", "messages", "decisions", "cpu us"});
  for (const PolicySummary* summary : summaries) {
    table.add({name_of(results, *summary), number_of(*summary, "throughput_per_s", 0),
               percent_of(*summary, "utilization", 1), number_of(*summary, "moved_per_task", 4),
               number_of(*summary, "messages_per_task", 3),
               number_of(*summary, "decisions_per_task", 3),
               number_of(*summary, "cpu_us_per_task", 2)});
  }
  return table;
}

TextTable indicator_table(const ExperimentResults& results,
                          const std::vector<const PolicySummary*>& summaries) {
  TextTable table({"indicators", "sustained/s", "of capacity", "adaptation s", "p99 overshoot"});
  for (const PolicySummary* summary : summaries) {
    table.add({name_of(results, *summary), number_of(*summary, "sustained_per_s", 0),
               summary->efficiency ? number_text(100 * *summary->efficiency, 1) + "%" : "-",
               summary->adaptation_s ? number_text(*summary->adaptation_s, 1) : "-",
               summary->overshoot ? number_text(*summary->overshoot, 2) : "-"});
  }
  return table;
}

void print_table(const TextTable& table, ReportFormat format, std::ostream& out) {
  if (format == ReportFormat::kMarkdown) {
    table.print_markdown(out);
  } else {
    table.print_text(out);
  }
  out << '\n';
}

std::string bounds_text(const PolicySummary& summary) {
  std::string text;
  const auto capacity = summary.means.find("capacity_per_s");
  const auto floor = summary.means.find("mean_floor_ms");
  if (capacity != summary.means.end()) {
    text += "capacity " + number_text(capacity->second, 0) + " tasks/s";
  }
  if (floor != summary.means.end()) {
    text += (text.empty() ? "" : ", ") +
            (std::isinf(floor->second)
                 ? "no floor: more is offered than the capacity"
                 : "mean response at least " + number_text(floor->second, 2) + " ms");
  }
  return text.empty() ? text : "bounds: " + text;
}

// Of runs that say less than they seem to.
void print_jammed(const ExperimentResults& results,
                  const std::vector<const PolicySummary*>& summaries, const char* indent,
                  std::ostream& out) {
  std::string names;
  for (const PolicySummary* summary : summaries) {
    const auto jammed = summary->means.find("jammed");
    if (jammed == summary->means.end() || jammed->second == 0) continue;
    const double runs = jammed->second * static_cast<double>(summary->seed_count);
    names += (names.empty() ? "" : ", ") + results.policies[summary->policy] + " (" +
             number_text(runs, 0) + " of " + std::to_string(summary->seed_count) + " runs)";
  }
  if (names.empty()) return;
  out << indent
      << "warning: the network could not carry what was sent, and runs were ended early: " << names
      << ".\n"
      << indent << "Only what completed until then is measured. A higher bandwidth, shorter delays "
      << "or rarer reports let them end.\n\n";
}

void print_scenario(const ExperimentResults& results, std::size_t scenario,
                    const std::vector<const PolicySummary*>& summaries, ReportFormat format,
                    std::ostream& out) {
  const bool markdown = format == ReportFormat::kMarkdown;
  std::size_t most_seeds = 0;
  for (const PolicySummary* summary : summaries) {
    most_seeds = std::max(most_seeds, summary->seed_count);
  }
  out << (markdown ? "## " : "\n") << results.scenarios[scenario] << (markdown ? "\n\n" : "");
  if (!markdown) out << ", " << most_seeds << (most_seeds == 1 ? " seed" : " seeds") << "\n\n";
  if (markdown) out << "```ini\n" << results.scenario_settings[scenario] << "```\n\n";
  const std::string bounds = bounds_text(*summaries.front());
  if (!bounds.empty()) out << (markdown ? "" : "  ") << bounds << "\n\n";
  print_jammed(results, summaries, markdown ? "" : "  ", out);
  if (has(summaries, "mean_ms")) {
    print_table(response_table(results, summaries), format, out);
    print_table(cost_table(results, summaries), format, out);
  }
  const bool adapts = summaries.front()->adaptation_s.has_value();
  if (has(summaries, "sustained_per_s") || adapts) {
    print_table(indicator_table(results, summaries), format, out);
  }
}

std::string seeds_text(const ExperimentResults& results) {
  if (results.rows.empty()) return "none";
  std::uint64_t least = results.rows.front().seed;
  std::uint64_t most = least;
  for (const OutcomeRow& row : results.rows) {
    least = std::min(least, row.seed);
    most = std::max(most, row.seed);
  }
  return std::to_string(least) + " to " + std::to_string(most);
}

void print_notes(const ExperimentResults& results, ReportFormat format, std::ostream& out) {
  const char* indent = format == ReportFormat::kMarkdown ? "" : "  ";
  out << indent << "ratio: mean response over that of " << results.policies[results.baseline]
      << ", on paired seeds with the same tasks; 95 % by paired bootstrap.\n"
      << indent << "p: paired permutation test, corrected (Holm) for all comparisons here.\n"
      << indent << "Means are compared only where losses differ by less than 0.1 points.\n";
  if (results.window > Duration::zero()) {
    out << indent << "sustained: mean <= 200 ms, p95 <= 600 ms, loss < 0.1 %, no growing backlog "
        << "over " << number_text(to_seconds(results.window), 0) << " s of virtual time.\n";
  }
  if (results.step) {
    out << indent << "adaptation: from the step at " << number_text(to_seconds(*results.step), 0)
        << " s until 1 s means stay for 10 s at most 10 % above the best rule's new steady "
        << "state; median over the seeds.\n"
        << indent << "p99 overshoot: the highest p99 of a second after the step over that of this "
        << "steady state; median over the seeds.\n";
  }
}

}  // namespace

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return "never";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  const std::string shown = text.data();
  const bool is_zero = shown.find_first_not_of("-0.") == std::string::npos;
  return is_zero && shown.front() == '-' ? shown.substr(1) : shown;
}

std::string milliseconds_text(double seconds) { return number_text(1000 * seconds, 2); }

void print_report(const ExperimentResults& results, ReportFormat format, std::ostream& out) {
  const std::vector<PolicySummary> summaries = summaries_of(results);
  if (format == ReportFormat::kMarkdown) {
    out << "# Comparison\n\n    " << results.command << "\n\nSeeds " << seeds_text(results) << '.'
        << (results.date.empty() ? "" : " Date: " + results.date + ".") << "\n\n";
  }
  if (results.scenarios.size() > 1) {
    print_table(scenario_matrix(results, summaries), format, out);
    out << kMatrixNotes;
  }
  for (std::size_t scenario = 0; scenario < results.scenarios.size(); ++scenario) {
    std::vector<const PolicySummary*> of_scenario;
    for (const PolicySummary& summary : summaries) {
      if (summary.scenario == scenario) of_scenario.push_back(&summary);
    }
    if (!of_scenario.empty()) print_scenario(results, scenario, of_scenario, format, out);
  }
  print_notes(results, format, out);
  out << std::flush;
}

}  // namespace weir
