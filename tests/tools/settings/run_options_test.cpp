#include "tools/settings/run_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using Variables = std::vector<std::pair<std::string, std::string>>;

RunOptions parsed(Strings arguments, const Variables& environment = {}) {
  arguments.insert(arguments.begin(), {"--stream", "iot"});
  return parse_run_options(arguments, environment);
}

std::string report_of(const Strings& arguments, const Variables& environment = {}) {
  return refusal([&] { parse_run_options(arguments, environment); });
}

std::string report_of_value(const std::string& option, const std::string& value) {
  return report_of({"--stream", "iot", option, value});
}

bool is_complete(const std::string& report) {
  return report.find("\n  found   ") != std::string::npos &&
         report.find("\n  needed  ") != std::string::npos &&
         report.find("\n  try     ") != std::string::npos;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string value_of(const RunOptions& options, const std::string& name) {
  for (const auto& [each, value] : as_text(options))
    if (each == name) return value;
  return "";
}

TEST(RunOptions, HaveTheDefaultsOfTheHelpText) {
  const RunOptions options = parsed({});
  EXPECT_EQ(options.streams, Strings{"iot"});
  EXPECT_TRUE(options.traces.empty());
  EXPECT_EQ(options.policy, "learned");
  EXPECT_TRUE(options.loads.node_control->limits);
  EXPECT_FALSE(options.duration);
  EXPECT_EQ(options.rate_per_s, 400);
  EXPECT_FALSE(options.load);
  EXPECT_EQ(options.time_scale, 1);
  EXPECT_EQ(options.seed, 1u);
  EXPECT_EQ(options.emulate, "");
  EXPECT_EQ(options.retries, 0);
  EXPECT_EQ(options.record_share, 1);
  EXPECT_FALSE(options.record);
  EXPECT_FALSE(options.json || options.progress || options.quiet || options.help);
}

TEST(RunOptions, TakeEveryOptionFromTheCommandLine) {
  const RunOptions options = parsed({"--stream",
                                     "social:feed",
                                     "--trace",
                                     "a.csv",
                                     "--trace",
                                     "b.csv.gz",
                                     "--policy",
                                     "random",
                                     "--rate",
                                     "12.5",
                                     "--time-scale",
                                     "10",
                                     "--work-scale",
                                     "2",
                                     "--seed",
                                     "7",
                                     "--workers",
                                     "3",
                                     "--dispatchers",
                                     "2",
                                     "--retries",
                                     "4",
                                     "--inject-failures",
                                     "0.25",
                                     "--report-interval",
                                     "50ms",
                                     "--record",
                                     "run.h5",
                                     "--record-share",
                                     "0.5",
                                     "--json",
                                     "--progress",
                                     "--quiet"});
  EXPECT_EQ(options.streams, (Strings{"iot", "social:feed"}));
  EXPECT_EQ(options.traces, (std::vector<std::filesystem::path>{"a.csv", "b.csv.gz"}));
  EXPECT_EQ(options.policy, "random");
  EXPECT_EQ(options.rate_per_s, 12.5);
  EXPECT_EQ(options.time_scale, 10);
  EXPECT_EQ(options.work_scale, 2);
  EXPECT_EQ(options.seed, 7u);
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(options.dispatchers, 2);
  EXPECT_EQ(options.retries, 4);
  EXPECT_EQ(options.failure_share, 0.25);
  EXPECT_EQ(options.report_interval, 50ms);
  EXPECT_EQ(options.record, "run.h5");
  EXPECT_EQ(options.record_share, 0.5);
  EXPECT_TRUE(options.json && options.progress && options.quiet);
}

TEST(RunOptions, TakeTimesInSecondsUnlessTheyCarryAnotherUnit) {
  EXPECT_EQ(parsed({"--duration", "30"}).duration, 30s);
  EXPECT_EQ(parsed({"--duration", "1.5s"}).duration, 1500ms);
  EXPECT_EQ(parsed({"--duration", "500ms"}).duration, 500ms);
  EXPECT_EQ(parsed({"--duration", "2min"}).duration, 2min);
  EXPECT_EQ(parsed({"--duration", "1h"}).duration, 1h);
}

TEST(RunOptions, PreferTheCommandLineToTheEnvironmentAndThatToTheFile) {
  const ScratchFolder folder;
  const auto file = folder.write("run.ini",
                                 "\xef\xbb\xbfpolicy = random\r\nseed = 3\r\ntime-scale = 5\n"
                                 "# a remark\nquiet = true\n");
  const RunOptions options = parsed({"--config", file.string(), "--policy", "power_of_two"},
                                    {{"WEIR_POLICY", "static"}, {"WEIR_SEED", "2"}});
  EXPECT_EQ(options.policy, "power_of_two");
  EXPECT_EQ(options.seed, 2u);
  EXPECT_EQ(options.time_scale, 5);
  EXPECT_TRUE(options.quiet);
}

TEST(RunOptions, TakeSwitchesFromTheEnvironment) {
  EXPECT_TRUE(parsed({}, {{"WEIR_JSON", "1"}}).json);
  EXPECT_TRUE(parsed({}, {{"WEIR_JSON", "true"}}).json);
  EXPECT_FALSE(parsed({}, {{"WEIR_JSON", "0"}}).json);
  EXPECT_TRUE(parsed({"--json"}, {{"WEIR_JSON", "0"}}).json);
}

TEST(RunOptions, TakeTheFileNamedInTheEnvironment) {
  const ScratchFolder folder;
  const auto file = folder.write("run.ini", "stream = social\n");
  EXPECT_EQ(parse_run_options({}, {{"WEIR_CONFIG", file.string()}}).streams, Strings{"social"});
}

TEST(RunOptions, TakeValuesOfTheEnvironmentAsTheyAre) {
  EXPECT_EQ(parsed({}, {{"WEIR_RECORD", "run #2.h5"}}).record, "run #2.h5");
  EXPECT_EQ(parsed({}, {{"WEIR_EMULATE", "nodes=2x1*3;work_ms=5"}}).emulate,
            "nodes=2x1*3;work_ms=5");
}

TEST(RunOptions, LeaveVariablesOfTheSurroundingsAlone) {
  EXPECT_EQ(report_of({"--stream", "iot"}, {{"WEIR_TERMINAL", "1"},
                                            {"WEIR_TERMINAL_COLUMNS", "80"},
                                            {"WEIR_LAUNCHED", "1"},
                                            {"WEIR_TRACES_DIR", "/traces"}}),
            kNothingRefused);
}

TEST(RunOptions, RefuseAVariableThatIsNoOption) {
  const std::string report = report_of({"--stream", "iot"}, {{"WEIR_POLICE", "random"}});
  EXPECT_TRUE(is_complete(report));
  EXPECT_TRUE(contains(report, "WEIR_POLICE=random")) << report;
}

TEST(RunOptions, RefuseEveryValueThatCannotBeUsedAndNameTheOption) {
  const std::vector<std::pair<std::string, Strings>> bad_values{
      {"--duration", {"soon", "0", "-1s", "10 parsecs", "", "nan", "1e300h"}},
      {"--rate", {"0", "-5", "many", "1e99", "inf", "nan", "5x", ""}},
      {"--load", {"0", "-0.1", "101", "half"}},
      {"--time-scale", {"0", "-1", "fast"}},
      {"--work-scale", {"0", "1e7", "hard"}},
      {"--seed", {"-1", "1.5", "luck", "1e17"}},
      {"--workers", {"0", "-2", "1.5", "5000"}},
      {"--dispatchers", {"0", "-1", "some"}},
      {"--retries", {"-1", "0.5", "1001"}},
      {"--inject-failures", {"-0.1", "1.1", "few"}},
      {"--report-interval", {"0", "-1ms", "often"}},
      {"--record-share", {"-0.1", "2", "all"}}};
  for (const auto& [option, values] : bad_values) {
    for (const std::string& value : values) {
      const std::string report = report_of_value(option, value);
      EXPECT_TRUE(is_complete(report)) << option << " " << value << ": " << report;
      EXPECT_TRUE(contains(report, option)) << option << " " << value << ": " << report;
    }
  }
}

TEST(RunOptions, RefuseEmptyPathsOfWhatIsToBeKept) {
  for (const std::string option : {"--resume", "--ledger"}) {
    const std::string report = report_of({"--stream", "iot", option + "="});
    EXPECT_TRUE(is_complete(report)) << report;
    EXPECT_TRUE(contains(report, option)) << report;
  }
}

TEST(RunOptions, RefuseWhatTheyDoNotKnow) {
  for (const Strings& unknown : {Strings{"--polcy", "random"},
                                 {"--strea", "iot"},
                                 {"finance"},
                                 {"--policy"},
                                 {"-x"},
                                 {"--policy", "random", "--policy", "static"},
                                 {"--json=maybe"},
                                 // What Boost puts names into its texts in place of.
                                 {"--%canonical_option%=1"}}) {
    Strings arguments = {"--stream", "iot"};
    arguments.insert(arguments.end(), unknown.begin(), unknown.end());
    EXPECT_TRUE(is_complete(report_of(arguments))) << unknown.front();
  }
}

TEST(RunOptions, RefuseAFileThatCannotBeReadOrUnderstood) {
  const ScratchFolder folder;
  const auto no_option = folder.write("unknown.ini", "polcy = random\n");
  const auto no_pair = folder.write("torn.ini", "policy random\n");
  const auto no_value = folder.write("value.ini", "rate = quick\n");
  for (const auto& file : {folder / "missing.ini", folder / ".", no_option, no_pair, no_value}) {
    const std::string report = report_of({"--stream", "iot", "--config", file.string()});
    EXPECT_TRUE(is_complete(report)) << file << ": " << report;
  }
}

TEST(RunOptions, RefuseOptionsThatContradictEachOther) {
  EXPECT_TRUE(is_complete(report_of({"--stream", "iot", "--rate", "5", "--load", "0.5"})));
  EXPECT_TRUE(
      is_complete(report_of({"--stream", "iot", "--workers", "2", "--emulate", "paper50"})));
  EXPECT_TRUE(is_complete(
      report_of({"--stream", "iot", "--inject-failures", "0.1", "--emulate", "paper50"})));
  EXPECT_TRUE(is_complete(report_of({"--stream", "iot", "--resume", "a", "--ledger", "b"})));
}

TEST(RunOptions, RefuseToRunNothingUnlessHelpIsAskedFor) {
  EXPECT_TRUE(contains(report_of({}), "--stream"));
  EXPECT_TRUE(is_complete(report_of({})));
  EXPECT_TRUE(parse_run_options({"--help"}, {}).help);
}

TEST(RunOptions, AsTextTellSettingsApartThatDifferInTheLastDigit) {
  EXPECT_EQ(value_of(parsed({"--rate", "0.1"}), "rate"), "0.1");
  EXPECT_NE(as_text(parsed({"--rate", "1234567.8"})), as_text(parsed({"--rate", "1234567.9"})));
  EXPECT_NE(as_text(parsed({"--duration", "100.000001"})), as_text(parsed({"--duration", "100"})));
  EXPECT_NE(as_text(parsed({"--record", "a.h5"})), as_text(parsed({})));
}

TEST(RunOptions, AsTextGiveTheSameOptionsWhenTheyAreReadAgain) {
  const RunOptions options = parsed({"--trace", "a.csv", "--policy", "random", "--duration", "1.25",
                                     "--load", "0.3", "--retries", "2"});
  RunOptions again = options;
  again.duration = from_seconds(std::stod(value_of(options, "duration")));
  EXPECT_EQ(value_of(options, "trace"), "a.csv");
  EXPECT_EQ(value_of(options, "load"), "0.3");
  EXPECT_EQ(as_text(again), as_text(options));
}

TEST(RunOptions, HelpNamesEveryOptionWithinAHundredColumns) {
  const std::string help = run_help();
  for (const auto& [name, value] : as_text(parsed({"--duration", "1", "--load", "1"}))) {
    EXPECT_TRUE(contains(help, "--" + name)) << name;
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = help.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(end - begin, 100u) << help.substr(begin, end - begin);
  }
}

TEST(RunOptions, NameTheNetworkOfLogPricesOnlyBesideAPolicyThatHeedsIt) {
  EXPECT_EQ(parse_run_options({"--stream=finance"}, {}).control, "none");
  const RunOptions learned =
      parse_run_options({"--stream=finance", "--policy=learned", "--control=own.h5"}, {});
  EXPECT_EQ(learned.control, "own.h5");
  EXPECT_TRUE(learned.warnings.empty());
  const RunOptions other =
      parse_run_options({"--stream=finance", "--policy=random", "--control=own.h5"}, {});
  ASSERT_EQ(other.warnings.size(), 1u);
  EXPECT_NE(other.warnings[0].find("--control has no effect"), std::string::npos);
}

TEST(RunOptions, NameTheNetworkOfClassLimitsOnlyBesideLimits) {
  EXPECT_EQ(parse_run_options({"--stream=finance"}, {}).limit_control, "none");
  const RunOptions with = parse_run_options({"--stream=finance", "--limit-control=own.h5"}, {});
  EXPECT_EQ(value_of(with, "limit-control"), "own.h5");
  EXPECT_TRUE(with.warnings.empty());
  const RunOptions without = parse_run_options(
      {"--stream=finance", "--node-control=shares", "--limit-control=own.h5"}, {});
  ASSERT_EQ(without.warnings.size(), 1u);
  EXPECT_NE(without.warnings[0].find("--limit-control has no effect"), std::string::npos);
}

}  // namespace
}  // namespace weir
