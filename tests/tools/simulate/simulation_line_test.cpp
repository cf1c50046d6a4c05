#include "tools/simulate/simulation_line.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(SimulationLine, SaysHowLongTheRestTakesAsFarAsThatIsKnown) {
  EXPECT_EQ(text_of({0s, 60s, 0, 1}), "0.0 s simulated, 0 tasks done");
  EXPECT_EQ(text_of({1500ms, {}, 70, 1}), "1.5 s simulated, 70 tasks done");
  EXPECT_EQ(text_of({15s, 60s, 70, 40}), "15.0 s simulated, 70 tasks done, about 2 min 0 s left");
  EXPECT_EQ(text_of({59s, 60s, 70, 2}), "59.0 s simulated, 70 tasks done, about 1 s left");
  EXPECT_EQ(text_of({60s, 60s, 70, 2}), "60.0 s simulated, 70 tasks done, the last ones end");
}

}  // namespace
}  // namespace weir
