// Scenarios that are drawn from seeds.

#pragma once

#include <errno.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace weir {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
};

// `usual` of them, or what the environment wants: WEIR_SEED that one alone, WEIR_JOBS so many.
inline Seeds wanted_seeds(std::uint64_t usual) {
  const char* const one = std::getenv("WEIR_SEED");
  const char* const count = std::getenv("WEIR_JOBS");
  if (one != nullptr) return {std::strtoull(one, nullptr, 10), 1};
  return {1, count != nullptr ? std::strtoull(count, nullptr, 10) : usual};
}

// Calls `check` with each, until one fails; the failure shows the command that repeats it.
template <typename Check>
void for_each_seed(std::uint64_t usual, const Check& check) {
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  const auto [first, count] = wanted_seeds(usual);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed) + "; repeat it with WEIR_SEED=" +
                 std::to_string(seed) + " " + program_invocation_short_name + " --gtest_filter='" +
                 test.test_suite_name() + "." + test.name() + "'");
    check(seed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace weir
