#include "runtime/exec/spawn_frame.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "tests/runtime/exec/no_context.hpp"

namespace weir {
namespace {

template <std::size_t kBytes>
struct Tracked {
  std::shared_ptr<int> calls;
  std::array<std::byte, kBytes> ballast{};
  void operator()(TaskContext&) { ++*calls; }
};

template <std::size_t kBytes>
void check_one_life() {
  NoContext context;
  const auto calls = std::make_shared<int>(0);
  SpawnFrame frame;
  frame.hold(Tracked<kBytes>{calls});
  EXPECT_EQ(calls.use_count(), 2);
  frame.act(frame, &context);
  EXPECT_EQ(calls.use_count(), 1);
  EXPECT_EQ(*calls, 1);
  frame.hold(Tracked<kBytes>{calls});
  frame.act(frame, nullptr);
  EXPECT_EQ(calls.use_count(), 1);
  EXPECT_EQ(*calls, 1);
}

TEST(SpawnFrame, OwnsASmallCallableUntilItHasRunOrIsDropped) { check_one_life<8>(); }
TEST(SpawnFrame, OwnsALargeCallableUntilItHasRunOrIsDropped) { check_one_life<256>(); }

template <std::size_t kBytes>
void check_life_after_a_throw() {
  NoContext context;
  const auto held = std::make_shared<int>(0);
  SpawnFrame frame;
  frame.hold([held, ballast = std::array<std::byte, kBytes>{}](TaskContext&) {
    throw std::runtime_error("bad luck");
  });
  EXPECT_THROW(frame.act(frame, &context), std::runtime_error);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(SpawnFrame, EndsTheLifeOfASmallCallableThatThrew) { check_life_after_a_throw<8>(); }
TEST(SpawnFrame, EndsTheLifeOfALargeCallableThatThrew) { check_life_after_a_throw<256>(); }

TEST(SpawnFrame, TakesCallablesThatCannotBeCopied) {
  NoContext context;
  int seen = 0;
  SpawnFrame frame;
  frame.hold([value = std::make_unique<int>(41), &seen](TaskContext&) { seen = *value + 1; });
  frame.act(frame, &context);
  EXPECT_EQ(seen, 42);
}

}  // namespace
}  // namespace weir
