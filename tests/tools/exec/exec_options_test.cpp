#include "tools/exec/exec_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

std::string refusal_of_options(const Words& arguments) {
  return refusal([&arguments] { parse_exec_options(arguments); });
}

TEST(ExecOptions, TakeAListBeforeOrBehindOtherOptions) {
  EXPECT_EQ(parse_exec_options({"list", "-k"}).list, "list");
  EXPECT_EQ(parse_exec_options({"--timeout", "2min", "-"}).list, "-");
}

TEST(ExecOptions, LeaveEverythingBehindTheDashesToTheCommand) {
  const ExecOptions options =
      parse_exec_options({"-j", "2", "--", "grep", "--quiet", "-k", "{}", ":::", "--help", "-"});
  EXPECT_EQ(options.words, (Words{"grep", "--quiet", "-k", "{}"}));
  EXPECT_EQ(options.values, (Words{"--help", "-"}));
  EXPECT_EQ(options.workers, 2);
  EXPECT_FALSE(options.keep_order);
}

TEST(ExecOptions, ReadTheirValues) {
  const ExecOptions options = parse_exec_options(
      {"list", "--timeout", "90s", "--retries", "3", "--memory", "2GB", "--halt", "now,fail=5",
       "--joblog", "log", "--output", "all", "--policy", "late_binding"});
  EXPECT_EQ(options.time_limit, 90s);
  EXPECT_EQ(options.retries, 3);
  EXPECT_EQ(options.memory_bytes, 2'000'000'000);
  EXPECT_EQ(options.halt.fail_count, 5);
  EXPECT_TRUE(options.halt.ends_running);
  EXPECT_EQ(options.job_log, "log");
  EXPECT_EQ(options.output, "all");
  EXPECT_EQ(options.policy, "late_binding");
  EXPECT_EQ(parse_exec_options({"list", "--halt", "never"}).halt.fail_count, 0);
  EXPECT_FALSE(parse_exec_options({"list", "--halt", "soon,fail=1"}).halt.ends_running);
}

TEST(ExecOptions, RefuseWhatContradictsItself) {
  for (const Words& arguments :
       {Words{}, Words{"a", "b"}, Words{"a", "--", "echo", ":::", "x"}, Words{"--", "echo"},
        Words{"--args-file", "f"}, Words{"-a", "f", "--", "echo", ":::", "x"},
        Words{"a", "--logs", "d", "--output", "f"}, Words{"a", "-k", "--logs", "d"},
        Words{"--", "echo", ":::", "x", ":::", "y"}}) {
    EXPECT_NE(refusal_of_options(arguments), kNothingRefused);
  }
}

TEST(ExecOptions, RefuseValuesThatTheyCannotUse) {
  for (const auto& [option, value] : {std::pair{"--timeout", "0"},
                                      {"--timeout", "soon"},
                                      {"--retries", "-1"},
                                      {"--memory", "big"},
                                      {"--halt", "soon"},
                                      {"--halt", "soon,fail=0"},
                                      {"--workers", "0"},
                                      {"--workers", "4097"},
                                      {"--policy", "luck"}}) {
    EXPECT_NE(refusal_of_options({"list", option, value}), kNothingRefused) << value;
  }
}

}  // namespace
}  // namespace weir
