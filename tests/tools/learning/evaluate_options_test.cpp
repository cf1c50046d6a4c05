#include "tools/learning/evaluate_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

std::string refused(const std::vector<std::string>& arguments) {
  return refusal([&] { parse_evaluate_options(arguments); });
}

TEST(EvaluateOptions, ScoreEveryGeneratorThatHasSomethingToForecast) {
  const EvaluateOptions options = parse_evaluate_options({"forecaster"});
  EXPECT_EQ(options.streams.size(), 7u);
  EXPECT_TRUE(options.weights.empty());
  EXPECT_EQ(options.seed_count, 5);
}

TEST(EvaluateOptions, TakeATimeScaleBehindATrace) {
  const EvaluateOptions options = parse_evaluate_options(
      {"forecaster", "--trace", "a.csv@144", "--trace", "b.csv.gz", "--trace", "x@y/c.csv"});
  ASSERT_EQ(options.traces.size(), 3u);
  EXPECT_EQ(options.traces[0].file, "a.csv");
  EXPECT_EQ(options.traces[0].time_scale, 144);
  EXPECT_EQ(options.traces[1].time_scale, 1);
  EXPECT_EQ(options.traces[2].file, "x@y/c.csv");
}

TEST(EvaluateOptions, RefuseWhatCannotBeEvaluated) {
  EXPECT_NE(refused({"scorer"}).find("'scorer'"), std::string::npos);
  EXPECT_NE(refused({"forecaster", "--trace", "a.csv@fast"}).find("a time scale"),
            std::string::npos);
  EXPECT_NE(refused({"forecaster", "--bins", "100"}).find("from 720"), std::string::npos);
  EXPECT_NE(refused({"forecaster", "--seeds", "0"}).find("no --trace"), std::string::npos);
  EXPECT_NE(refused({"forecaster", "--fast"}), kNothingRefused);
}

TEST(EvaluateOptions, HelpBeforeTheyComplain) {
  EXPECT_TRUE(parse_evaluate_options({"--help", "--bins", "1"}).help);
  EXPECT_NE(evaluate_help().find("weir evaluate forecaster"), std::string::npos);
}

}  // namespace
}  // namespace weir
