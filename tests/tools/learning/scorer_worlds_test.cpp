#include "tools/learning/scorer_worlds.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir {
namespace {

std::string spec_of(const Settings& world) {
  for (const auto& [name, value] : world) {
    if (name == "emulate") return value;
  }
  return "";
}

TEST(ScorerWorlds, CanAllBeSimulated) {
  for (const Settings& world : known_scorer_worlds()) EXPECT_NO_THROW(options_of(world));
  for (const Settings& world : random_scorer_worlds(200, 1)) {
    EXPECT_NO_THROW(options_of(world)) << spec_of(world);
  }
}

TEST(ScorerWorlds, AreTheSameForASeedAndOthersForAnotherOne) {
  EXPECT_EQ(random_scorer_worlds(5, 1), random_scorer_worlds(5, 1));
  EXPECT_NE(random_scorer_worlds(5, 1), random_scorer_worlds(5, 2));
}

TEST(ScorerWorlds, HaveEveryEffectAloneAndBesideOthers) {
  std::set<std::string> seen;
  for (const Settings& world : random_scorer_worlds(200, 1)) {
    const std::string spec = spec_of(world);
    std::string effects;
    for (const char* effect : {"affinity", "drift_speed", "interference_beta"}) {
      if (spec.find(effect) != std::string::npos) effects += effect;
    }
    seen.insert(effects);
  }
  EXPECT_EQ(seen.size(), 8u);
}

TEST(ScorerWorlds, HoldTheStreamsBackThatTheyAreJudgedBy) {
  for (const Settings& world : random_scorer_worlds(200, 1)) {
    for (const auto& [name, value] : world) EXPECT_EQ(value.find("phones"), std::string::npos);
  }
}

}  // namespace
}  // namespace weir
