#include "runtime/exec/spawned_task.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "runtime/exec/task_context.hpp"

namespace weir {
namespace {

class NoContext final : public TaskContext {
 public:
  WorkerId worker() const override { return kNoWorker; }
  void spawn(KindId, Payload, ClassId) override {}

 protected:
  void push(SpawnedTask) override {}
};

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
  {
    SpawnBody body{Tracked<kBytes>{calls}};
    EXPECT_EQ(calls.use_count(), 2);
    SpawnBody moved = std::move(body);
    EXPECT_FALSE(body);
    EXPECT_TRUE(moved);
    EXPECT_EQ(calls.use_count(), 2);
    moved(context);
    SpawnBody assigned{Tracked<kBytes>{calls}};
    assigned = std::move(moved);
    EXPECT_EQ(calls.use_count(), 2);
    assigned(context);
  }
  EXPECT_EQ(calls.use_count(), 1);
  EXPECT_EQ(*calls, 2);
}

TEST(SpawnBody, OwnsASmallCallableExactlyOnce) { check_one_life<8>(); }
TEST(SpawnBody, OwnsALargeCallableExactlyOnce) { check_one_life<256>(); }

TEST(SpawnBody, TakesCallablesThatCannotBeCopied) {
  NoContext context;
  int seen = 0;
  SpawnBody body([value = std::make_unique<int>(41), &seen](TaskContext&) { seen = *value + 1; });
  body(context);
  EXPECT_EQ(seen, 42);
}

}  // namespace
}  // namespace weir
