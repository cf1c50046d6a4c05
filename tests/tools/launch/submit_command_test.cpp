#include "tools/launch/submit_command.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

SubmitOptions parsed(const Strings& arguments) {
  return parse_submit_options(arguments, [](const Strings&) {});
}

TEST(SubmitOptions, BelongToSbatchBeforeTheDividerAndToWeirBehindIt) {
  const auto options =
      parsed({"--nodes=4", "-p", "main", "--", "run", "--stream", "iot", "--policy", "tree"});
  EXPECT_EQ(options.sbatch, (Strings{"--nodes=4", "-p", "main"}));
  EXPECT_EQ(options.subcommand, (Strings{"run", "--stream", "iot", "--policy", "tree"}));
}

TEST(SubmitOptions, AreRefusedWhereTheSubcommandIs) {
  const auto refuse_bogus = [](const Strings& subcommand) {
    if (subcommand == Strings{"run", "--bogus"}) throw Error("no such option", "--bogus", "", "");
  };
  EXPECT_NE(refusal([&] {
              parse_submit_options({"--nodes=4", "--", "run", "--bogus"}, refuse_bogus);
            }).find("--bogus"),
            std::string::npos);
  EXPECT_EQ(refusal([&] {
              parse_submit_options({"--", "topology", "--tree"}, refuse_bogus);
            }),
            kNothingRefused);
}

TEST(SubmitOptions, AreRefusedWithoutASubcommand) {
  EXPECT_NE(refusal([] { parsed({"--nodes=4"}); }).find("no --"), std::string::npos);
  EXPECT_NE(refusal([] { parsed({"--nodes=4", "--"}); }).find("nothing after"), std::string::npos);
}

TEST(JobScript, IsTheOneOfTheSubcommandAndKnowsTheProgram) {
  const std::string run = job_script(parsed({"--", "run", "--stream", "iot"}), "/it's/weir");
  EXPECT_NE(run.find("#SBATCH --signal=B:USR1@"), std::string::npos);
  EXPECT_NE(run.find("WEIR_PROGRAM=${WEIR_PROGRAM:-'/it'\\''s/weir'}\n"), std::string::npos);
  const std::string train = job_script(parsed({"--", "train", "scorer"}), "/weir");
  EXPECT_NE(train.find("weir-train"), std::string::npos);
  EXPECT_NE(train.find("WEIR_PROGRAM=${WEIR_PROGRAM:-'/weir'}\n"), std::string::npos);
}

TEST(SbatchRefusal, KeepsTheWordsOfSbatchAndSaysWhatToTry) {
  const std::string words = "Batch job submission failed: Invalid partition name specified";
  const Error error = sbatch_refusal(words);
  EXPECT_EQ(error.found(), words);
  EXPECT_NE(error.try_this().find("--partition"), std::string::npos);
  EXPECT_NE(sbatch_refusal("").found(), "");
}

}  // namespace
}  // namespace weir
