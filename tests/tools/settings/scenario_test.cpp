#include "tools/settings/scenario.hpp"

#include "tests/tools/simulate/simulate_fixture.hpp"

namespace weir {
namespace {

class Scenario : public SimulateFixture {};

TEST_F(Scenario, SpeaksOfOptionsOfARunAsSettings) {
  const std::string path = scenario(kSmall);
  const auto expect = [&](const std::string& setting, const std::string& says) {
    const std::string report = refusal({path, "--set", setting});
    EXPECT_NE(report.find(says), std::string::npos) << setting << "\n" << report;
  };
  expect("load=fast", "the value of load cannot be used");
  expect("deadline.weather=1s", "deadline does not name a class");
  expect("BOGUS=1", "'--set BOGUS=1'");
  expect("check-invariants=true", "means nothing in a simulation");
  const std::string nothing = refusal({scenario("emulate = nodes=4x1*4\n")});
  EXPECT_NE(nothing.find("neither stream nor trace"), std::string::npos) << nothing;
  const std::string nowhere = refusal({scenario("stream = finance\n")});
  EXPECT_NE(nowhere.find("needed  the setting emulate"), std::string::npos) << nowhere;
}

TEST_F(Scenario, RefusesASecondValueForASetting) {
  const auto expect = [&](const std::string& lines, const std::vector<std::string>& arguments,
                          const std::string& found) {
    std::vector<std::string> all{scenario(kSmall + lines)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const std::string report = refusal(all);
    EXPECT_NE(report.find("two values are given for one setting"), std::string::npos) << report;
    EXPECT_NE(report.find("\n  found   " + found + "\n"), std::string::npos) << report;
  };
  expect("load = 0.8\n", {}, "load=0.7 and load=0.8");
  expect("latency = 1ms\nlatency = 2ms\n", {}, "latency=1ms and latency=2ms");
  expect("warm-up = 0\n", {}, "warm-up=1s and warm-up=0");
  expect("clusters = 2\nclusters = 4\n", {}, "clusters=2 and clusters=4");
  expect("interference_beta = 1\ninterference.beta = 2\n", {},
         "interference_beta=1 and interference.beta=2");
  expect("", {"--seed", "1", "--set", "seed=2"}, "--seed 1 and --set seed=2");
  expect("", {"--policy", "tree", "--set", "policy=local"}, "--policy tree and --set policy=local");
  expect("", {"--set", "drift.speed=0.5", "--set", "drift_speed=1"},
         "--set drift.speed=0.5 and --set drift_speed=1");
}

TEST_F(Scenario, TakesSeveralValuesWhereALineAddsToThoseBefore) {
  const std::string lists =
      "stop = 1@1s+1s\nstop = 2@1s+1s\nshare = finance=0.5\nshare = iot=0.5\n"
      "deadline.finance = 1s\ndeadline.iot = 1s\n";
  EXPECT_EQ(refusal({scenario(kSmall + lists)}), kNothingRefused);
}

// As `--set drift_speed` does for drift_speed in the scenario.
TEST_F(Scenario, ReplacesAKeyOfEmulateByEitherOfItsNames) {
  const auto slow = result({scenario(std::string(kSmall) + "drift_speed = 0.5\n")});
  EXPECT_EQ(
      result({scenario(std::string(kSmall) + "drift_speed = 0.9\n"), "--set", "drift.speed=0.5"}),
      slow);
}

TEST_F(Scenario, SkipsTheByteOrderMarkOfAnEditor) {
  const auto plain = result({scenario(kSmall)});
  EXPECT_EQ(result({scenario(std::string("\xEF\xBB\xBF") + kSmall)}), plain);
}

TEST_F(Scenario, RefusesATreeOfMoreThanThreeLevels) {
  const std::string path = scenario(kSmall);
  const std::vector<std::string> deep{path, "--set", "emulate=nodes=1x1*64", "--set", "fan-out=2"};
  const std::string report = refusal(deep);
  EXPECT_NE(report.find("6 levels over 64 ranks"), std::string::npos) << report;
  EXPECT_NE(report.find("try     --set fan-out=64"), std::string::npos) << report;
}

TEST_F(Scenario, TakesKeysOfEmulateAsSettings) {
  const std::string path = scenario(kSmall);
  const auto expected = result({path, "--set", "emulate=nodes=4x1*4;work_ms=5;drift_speed=0.5"});
  const auto found = result({path, "--set", "work_ms=5", "--set", "drift.speed=0.5"});
  EXPECT_EQ(found, expected);
  EXPECT_NE(found["response_ms"], result({path})["response_ms"]);
}

// Not of `weir run`, whose options simulations read.
TEST_F(Scenario, TriesItsOwnSettings) {
  const std::string path = scenario(kSmall);
  const auto expect = [&](const std::vector<std::string>& settings, const std::string& tried) {
    std::vector<std::string> arguments{path};
    for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    const std::string report = refusal(arguments);
    EXPECT_NE(report.find("\n  try     " + tried), std::string::npos) << report;
    for (std::size_t at = report.find("--"); at != std::string::npos;
         at = report.find("--", at + 2)) {
      EXPECT_TRUE(report.substr(at, 6) == "--set " || report.substr(at, 6) == "--help") << report;
    }
    EXPECT_EQ(report.find("weir run"), std::string::npos) << report;
  };
  expect({"load=11"}, "--set load=0.7");
  expect({"stream=weather"}, "a name from that list, or --set trace=FILE");
  expect({"share.social=0.5"}, "--set stream=social");
  expect({"share.finance=1.5"}, "--set share.finance=0.5");
  expect({"share.finance=0.9", "share.iot=0.9"}, "--set share.finance=0.5 --set share.social=0.3");
  expect({"emulate=nodes=0x1*4"}, "");
  expect({"emulate=colour=3"}, "--set emulate=paper50, or --set emulate=");
  expect({"report-interval=1us"}, "--set report-interval=100ms");
  expect({"oracle-sizes=off"}, "oracle-sizes=unknown");
  expect({"oracle-delay=soon"}, "oracle-delay=1s");
  expect({"colour=blue"}, "weir simulate --help");
  for (const auto& [setting, warns] :
       {std::pair{"retries=2", "retries has no effect with emulate"},
        std::pair{"overflow=drop", "--set overflow=drop without max-in-flight"}}) {
    testing::internal::CaptureStderr();
    result({path, "--set", setting});
    const std::string warning = testing::internal::GetCapturedStderr();
    EXPECT_NE(warning.find(warns), std::string::npos) << warning;
  }
  expect({"load=0.5", "rate=300"}, "leaving out --set rate=300");
  expect({"latency=1ms", "latency=2ms"}, "leaving out --set latency=2ms");
}

TEST_F(Scenario, SaysWhereScenariosAre) {
  const std::string report = refusal({"no_such_scenario"});
  EXPECT_NE(report.find("found   no_such_scenario: no such file"), std::string::npos) << report;
  EXPECT_NE(report.find("jobs/scenarios/stale.ini"), std::string::npos) << report;
  EXPECT_NE(refusal({scenario("")}).find("an empty file"), std::string::npos);
  EXPECT_NE(refusal({"/dev/zero"}).find("not a plain file"), std::string::npos);
}

}  // namespace
}  // namespace weir
