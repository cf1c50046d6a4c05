#include "tools/experiment/comparison_file.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"

namespace weir {
namespace {

constexpr TableIndex kRuns{0};
constexpr TableIndex kSeries{1};
constexpr TableIndex kComparison{2};
constexpr TableIndex kTuned{3};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr const char* kContents = "comparison";

std::vector<TableSchema> tables() {
  using enum ColumnType;
  const Column scenario{"scenario", kUint32, "position in scenarios"};
  const Column policy{"policy", kUint32, "position in policies"};
  const Column seed{"seed", kUint64, "of the run"};
  TableSchema runs{"runs", {scenario, policy, seed}};
  for (const MeasuredColumn& column : measured_columns()) {
    runs.columns.push_back({column.name, kDouble, column.description});
  }
  return {std::move(runs),
          {"series",
           {scenario,
            policy,
            seed,
            {"second", kUint32, "since the begin of the run"},
            {"mean_ms", kDouble, "mean response of the tasks that ended in it, ms"},
            {"p99_ms", kDouble, "99th percentile, likewise; NaN: not kept"}}},
          {"comparison",
           {scenario,
            policy,
            {"ratio", kDouble, "mean response over that of the baseline"},
            {"low", kDouble, "of its 95 % interval"},
            {"high", kDouble, "of its 95 % interval"},
            {"p", kDouble, "paired permutation test, corrected (Holm)"},
            {"verdict", kUint8,
             "0 baseline, 1 better, 2 worse, 3 no difference shown, 4 too few seeds, 5 losses "
             "differ"},
            {"adaptation_s", kDouble, "median over the seeds, infinite: never; NaN: not measured"},
            {"efficiency", kDouble, "sustained throughput over the capacity bound"},
            {"overshoot", kDouble,
             "highest p99 of a second after the step over that of the new steady state, median "
             "over the seeds; NaN: not measured"}}},
          {"tuned", {scenario, policy, {"name", kUint32, "position in tuned_names"}}}};
}

template <std::size_t... Is>
void append_run(RecordWriter& writer, const OutcomeRow& row,
                const std::array<double, kMeasuredColumns>& numbers, std::index_sequence<Is...>) {
  writer.append(kRuns, static_cast<std::uint32_t>(row.scenario),
                static_cast<std::uint32_t>(row.policy), row.seed, numbers[Is]...);
}

void append_outcomes(const ExperimentResults& results, RecordWriter& writer) {
  for (const OutcomeRow& row : results.rows) {
    std::array<double, kMeasuredColumns> numbers{};
    for (std::size_t i = 0; i < kMeasuredColumns; ++i) {
      const auto number = row.measured.numbers.find(measured_columns()[i].name);
      numbers[i] = number == row.measured.numbers.end() ? kNan : number->second;
    }
    append_run(writer, row, numbers, std::make_index_sequence<kMeasuredColumns>());
    const auto& p99s = row.measured.p99_series;
    for (std::size_t second = 0; second < row.measured.series.size(); ++second) {
      writer.append(kSeries, static_cast<std::uint32_t>(row.scenario),
                    static_cast<std::uint32_t>(row.policy), row.seed,
                    static_cast<std::uint32_t>(second), row.measured.series[second],
                    second < p99s.size() ? p99s[second] : kNan);
    }
  }
  for (const PolicySummary& summary : summaries_of(results)) {
    writer.append(kComparison, static_cast<std::uint32_t>(summary.scenario),
                  static_cast<std::uint32_t>(summary.policy), summary.ratio.ratio,
                  summary.ratio.low, summary.ratio.high, summary.p,
                  static_cast<std::uint8_t>(summary.verdict), summary.adaptation_s.value_or(kNan),
                  summary.efficiency.value_or(kNan), summary.overshoot.value_or(kNan));
  }
  std::uint32_t name = 0;
  for (const auto& [place, text] : results.tuned) {
    writer.append(kTuned, static_cast<std::uint32_t>(place.first),
                  static_cast<std::uint32_t>(place.second), name++);
  }
}

void write_all(const ExperimentResults& results, const std::filesystem::path& path) {
  std::vector<std::string> tuned_names;
  for (const auto& [place, text] : results.tuned) tuned_names.push_back(text);
  RecordWriter writer(
      path, tables(),
      {{"weir_contents", kContents},
       {"command", results.command},
       {"date", results.date},
       {"baseline", static_cast<std::int64_t>(results.baseline)},
       {"window_s", to_seconds(results.window)},
       {"step_s", results.step ? to_seconds(*results.step) : kNan}},
      {{"scenarios", results.scenarios, "names of the scenarios"},
       {"scenario_settings", results.scenario_settings, "NAME = VALUE lines of each scenario"},
       {"policies", results.policies, "as given"},
       {"tuned_names", tuned_names, "policies with tuned parameters"}},
      {.own_thread = false});
  append_outcomes(results, writer);
  const RecordOutcome outcome = writer.close();
  if (outcome.failure) {
    throw Error("the results cannot be written", path.string() + ": " + *outcome.failure,
                "room on the disk", "another name with --out; what was computed is kept");
  }
}

// Files of an older weir lack some.
bool has_column(const RecordReader& file, const std::string& table, const std::string& column) {
  for (const TableInfo& each : file.tables()) {
    if (each.schema.name != table) continue;
    return std::ranges::find(each.schema.columns, column, &Column::name) !=
           each.schema.columns.end();
  }
  return false;
}

std::vector<std::string> texts_of(const RecordReader& file, const std::string& name) {
  for (const Array& array : file.arrays()) {
    if (array.name != name) continue;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&array.values)) return *texts;
  }
  return {};
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason = {}) {
  throw Error("this is no file of a comparison",
              path.string() + (reason.empty() ? "" : ": " + reason),
              "a file that `weir compare --out NAME` has written", "weir compare --report NAME.h5");
}

// By scenario, policy and seed, in the order of the file.
std::vector<OutcomeRow> read_rows(const RecordReader& file) {
  const auto scenario = file.column<std::uint32_t>("", "runs", "scenario");
  const auto policy = file.column<std::uint32_t>("", "runs", "policy");
  const auto seed = file.column<std::uint64_t>("", "runs", "seed");
  if (scenario.size() != seed.size() || policy.size() != seed.size()) return {};
  std::vector<OutcomeRow> rows;
  std::map<std::array<std::uint64_t, 3>, std::size_t> places;
  for (std::size_t i = 0; i < seed.size(); ++i) {
    places[{scenario[i], policy[i], seed[i]}] = rows.size();
    rows.push_back({.scenario = scenario[i], .policy = policy[i], .seed = seed[i], .measured = {}});
  }
  for (const MeasuredColumn& column : measured_columns()) {
    if (!has_column(file, "runs", column.name)) continue;
    const auto values = file.column<double>("", "runs", column.name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == values[i]) rows[i].measured.numbers[column.name] = values[i];
    }
  }
  const auto its_scenario = file.column<std::uint32_t>("", "series", "scenario");
  const auto its_policy = file.column<std::uint32_t>("", "series", "policy");
  const auto its_seed = file.column<std::uint64_t>("", "series", "seed");
  const auto mean = file.column<double>("", "series", "mean_ms");
  std::vector<double> p99;
  // Seconds of files of an older weir have none.
  if (has_column(file, "series", "p99_ms")) p99 = file.column<double>("", "series", "p99_ms");
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const auto place = places.find({its_scenario[i], its_policy[i], its_seed[i]});
    if (place == places.end()) continue;
    Measured& measured = rows[place->second].measured;
    measured.series.push_back(mean[i]);
    if (i < p99.size() && p99[i] == p99[i]) measured.p99_series.push_back(p99[i]);
  }
  return rows;
}

}  // namespace

void write_comparison(const ExperimentResults& results, const std::filesystem::path& path) {
  const std::filesystem::path unfinished = path.string() + ".writing";
  std::error_code ignored;
  try {
    write_all(results, unfinished);
    std::filesystem::rename(unfinished, path);
  } catch (const std::filesystem::filesystem_error& error) {
    std::filesystem::remove(unfinished, ignored);
    throw Error("the results cannot be written", error.what(), "a place where a file can be made",
                "another name with --out");
  } catch (...) {
    std::filesystem::remove(unfinished, ignored);
    throw;
  }
}

namespace {

ExperimentResults read_all(const std::filesystem::path& path, const RecordReader& file) {
  const Attributes attributes = file.attributes();
  const auto contents = attributes.find("weir_contents");
  if (contents == attributes.end() || contents->second != AttributeValue(kContents)) refuse(path);
  ExperimentResults results;
  results.scenarios = texts_of(file, "scenarios");
  results.scenario_settings = texts_of(file, "scenario_settings");
  results.policies = texts_of(file, "policies");
  results.command = std::get<std::string>(attributes.at("command"));
  results.date = std::get<std::string>(attributes.at("date"));
  results.baseline = static_cast<std::size_t>(std::get<std::int64_t>(attributes.at("baseline")));
  results.window = from_seconds(std::get<double>(attributes.at("window_s")));
  const double step_s = std::get<double>(attributes.at("step_s"));
  if (step_s == step_s) results.step = from_seconds(step_s);
  results.rows = read_rows(file);
  const auto tuned_names = texts_of(file, "tuned_names");
  const auto scenario = file.column<std::uint32_t>("", "tuned", "scenario");
  const auto policy = file.column<std::uint32_t>("", "tuned", "policy");
  const std::size_t tuned_count = std::min({scenario.size(), policy.size(), tuned_names.size()});
  for (std::size_t i = 0; i < tuned_count; ++i) {
    results.tuned[{scenario[i], policy[i]}] = tuned_names[i];
  }
  const auto is_of_both = [&](std::size_t of_scenario, std::size_t of_policy) {
    return of_scenario < results.scenarios.size() && of_policy < results.policies.size();
  };
  if (!is_of_both(0, results.baseline)) refuse(path);
  for (const auto& [place, name] : results.tuned) {
    if (!is_of_both(place.first, place.second)) refuse(path);
  }
  for (const OutcomeRow& row : results.rows) {
    if (!is_of_both(row.scenario, row.policy)) refuse(path);
  }
  return results;
}

}  // namespace

ExperimentResults read_comparison(const std::filesystem::path& path) {
  try {
    return read_all(path, RecordReader(path));
  } catch (const Error& error) {
    // The reader of records speaks of the runs that `weir run` and `weir simulate` record.
    if (error.needed().find("--record") == std::string::npos) throw;
    refuse(path, error.found());
  }
}

}  // namespace weir
