#include "runtime/bounds/linear_program.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

TEST(LinearProgram, FindsTheBestCorner) {
  // Dantzig's first example: 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18.
  LinearProgram program;
  const auto x = program.add_column(3);
  const auto y = program.add_column(5);
  program.add_row(-kUnlimited, {{x, 1}}, 4);
  program.add_row(-kUnlimited, {{y, 2}}, 12);
  program.add_row(-kUnlimited, {{x, 3}, {y, 2}}, 18);

  const auto values = program.maximize();

  ASSERT_TRUE(values.has_value());
  EXPECT_NEAR((*values)[x], 2, 1e-9);
  EXPECT_NEAR((*values)[y], 6, 1e-9);
}

TEST(LinearProgram, PricesRowsByWhatOneUnitMoreIsWorth) {
  // Dantzig's first example again: its duals are 0, 3/2 and 1.
  LinearProgram program;
  const auto x = program.add_column(3);
  const auto y = program.add_column(5);
  const auto loose = program.add_row(-kUnlimited, {{x, 1}}, 4);
  const auto tight = program.add_row(-kUnlimited, {{y, 2}}, 12);
  const auto shared = program.add_row(-kUnlimited, {{x, 3}, {y, 2}}, 18);

  const auto solution = program.maximize_with_prices();

  ASSERT_TRUE(solution.has_value());
  EXPECT_NEAR(solution->row_prices[loose], 0, 1e-9);
  EXPECT_NEAR(solution->row_prices[tight], 1.5, 1e-9);
  EXPECT_NEAR(solution->row_prices[shared], 1, 1e-9);
}

TEST(LinearProgram, KeepsRowsAtTheirLeast) {
  LinearProgram program;
  const auto x = program.add_column(-1);
  const auto y = program.add_column(-2);
  program.add_row(3, {{x, 1}, {y, 1}}, 3);
  program.add_row(1, {{y, 1}}, kUnlimited);

  const auto values = program.maximize();

  ASSERT_TRUE(values.has_value());
  EXPECT_NEAR((*values)[x], 2, 1e-9);
  EXPECT_NEAR((*values)[y], 1, 1e-9);
}

TEST(LinearProgram, HasNoSolutionWhereRowsContradict) {
  LinearProgram program;
  const auto x = program.add_column(1);
  program.add_row(2, {{x, 1}}, 3);
  program.add_row(-kUnlimited, {{x, 1}}, 1);

  EXPECT_FALSE(program.maximize().has_value());
}

// A transport problem of 8 classes and 24 groups with random costs.
LinearProgram random_transport(std::uint64_t seed) {
  constexpr int kClasses = 8;
  constexpr int kGroups = 24;
  Random random(seed, 0);
  LinearProgram program;
  std::vector<std::vector<LinearProgram::Term>> by_class(kClasses), by_group(kGroups);
  for (auto& of_class : by_class) {
    for (auto& of_group : by_group) {
      const auto column = program.add_column(0);
      of_class.push_back({column, 1});
      of_group.push_back({column, 0.5 + random.uniform()});
    }
  }
  const auto rate = program.add_column(1);
  for (auto& terms : by_class) {
    terms.push_back({rate, -1});
    program.add_row(0, terms, 0);
  }
  for (auto& terms : by_group) program.add_row(-kUnlimited, terms, 1);
  return program;
}

TEST(LinearProgram, SolvesOnManyThreadsWhatItSolvesOnOne) {
  constexpr int kThreads = 4;
  constexpr int kPrograms = 50;
  std::vector<std::vector<double>> alone;
  for (int i = 0; i < kPrograms; ++i) alone.push_back(*random_transport(i).maximize());

  std::vector<int> differing(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&alone, &count = differing[t]] {
        for (int i = 0; i < kPrograms; ++i) {
          count += *random_transport(i).maximize() == alone[i] ? 0 : 1;
        }
      });
    }
  }

  EXPECT_EQ(differing, std::vector<int>(kThreads, 0));
}

}  // namespace
}  // namespace weir
