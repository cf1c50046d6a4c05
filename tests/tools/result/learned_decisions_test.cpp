#include "tools/result/learned_decisions.hpp"

#include <gtest/gtest.h>

#include "tests/support/limit_weights.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/tools/simulate/simulate_fixture.hpp"

namespace weir {
namespace {

class LimitDecisions : public SimulateFixture {};

TEST_F(LimitDecisions, AreToldOfANetworkThatCorrectsThem) {
  const ScratchFolder folder;
  const auto file_of = [&](std::size_t action) {
    const std::string path = (folder / (std::to_string(action) + ".h5")).string();
    write_weights(weights_of_limits(action), path);
    return path;
  };
  const std::string path = scenario(kSmall);
  const auto alone = result({path});
  EXPECT_FALSE(alone.contains("limits"));
  const auto held = result({path, "--limit-control", file_of(LearnedLimits::kHold)});
  EXPECT_EQ(held["digest"], alone["digest"]);
  EXPECT_EQ(held["response_ms"], alone["response_ms"]);
  EXPECT_GT(held["limits"]["control"]["decisions"], 20);
  EXPECT_EQ(held["limits"]["control"]["differing"], 0);

  const std::string lowers = file_of(LearnedLimits::kLower);
  const auto lowered = result({path, "--limit-control", lowers});
  EXPECT_EQ(lowered["digest"], alone["digest"]) << "all is done all the same";
  EXPECT_NE(lowered["response_ms"], alone["response_ms"]);
  EXPECT_EQ(lowered["limits"]["control"]["differing"], lowered["limits"]["control"]["decisions"]);
  EXPECT_NE(tables({path, "--limit-control", lowers}).find("100.0% of the class limits"),
            std::string::npos);
}

TEST_F(LimitDecisions, AreRefusedToANetworkThatIsNone) {
  const ScratchFolder folder;
  const std::string other = (folder / "other.h5").string();
  write_weights({.kind = "capacity_control", .schema = 1}, other);
  const std::string path = scenario(kSmall);
  for (const std::string& source :
       {other, path, std::string("no/such.h5"), std::string("shipped")}) {
    const std::string report = refusal({path, "--limit-control", source});
    for (const char* part : {"\n  found ", "\n  needed ", "\n  try "}) {
      EXPECT_NE(report.find(part), std::string::npos) << source << ": " << report;
    }
  }
}

}  // namespace
}  // namespace weir
