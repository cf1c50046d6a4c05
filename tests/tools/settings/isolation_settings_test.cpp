#include "tools/settings/isolation_settings.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {
namespace {

RunOptions parsed(std::vector<std::string> arguments) {
  arguments.emplace_back("--stream=finance");
  return parse_run_options(arguments, {});
}

TEST(IsolationSettings, IsolateNothingUnlessAskedTo) {
  EXPECT_FALSE(parsed({}).isolation.on);
  EXPECT_TRUE(as_text(parsed({}).isolation).empty());
}

TEST(IsolationSettings, AreReadAndSaidAgain) {
  const IsolationSettings settings = parsed({"--isolate", "--inject-crashes=0.25"}).isolation;
  EXPECT_TRUE(settings.on);
  EXPECT_EQ(settings.crash_share, 0.25);
  const std::vector<std::pair<std::string, std::string>> said{{"isolate", "1"},
                                                              {"inject-crashes", "0.25"}};
  EXPECT_EQ(as_text(settings), said);
}

TEST(IsolationSettings, MayStandInTheEnvironment) {
  EXPECT_TRUE(parse_run_options({"--stream=iot"}, {{"WEIR_ISOLATE", "1"}}).isolation.on);
}

TEST(IsolationSettings, RefuseCrashesThatWouldEndTheRanks) {
  const std::string report = refusal([] { parsed({"--inject-crashes=0.1"}); });
  EXPECT_NE(report.find("--inject-crashes without --isolate"), std::string::npos) << report;
}

TEST(IsolationSettings, RefuseWhatIsNoShare) {
  for (const char* share : {"-0.1", "1.5", "some"}) {
    const std::string report = refusal([&] { parsed({"--isolate", "--inject-crashes", share}); });
    EXPECT_NE(report.find("--inject-crashes"), std::string::npos) << report;
  }
}

TEST(IsolationSettings, RefuseWorkThatIsEmulated) {
  const std::string report = refusal([] { parsed({"--isolate", "--emulate=paper50"}); });
  EXPECT_NE(report.find("--isolate and --emulate"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
