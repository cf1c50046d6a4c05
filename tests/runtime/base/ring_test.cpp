#include "runtime/base/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

TEST(Ring, BehavesAsADequeUnderRandomUse) {
  Random random(7);
  Ring<std::unique_ptr<int>> ring;
  std::deque<int> model;
  for (int step = 0; step < 20000; ++step) {
    const auto choice = random.below(100);
    if (choice < 52) {
      ring.push_back(std::make_unique<int>(step));
      model.push_back(step);
    } else if (!model.empty() && choice < 76) {
      ASSERT_EQ(*ring.pop_front(), model.front());
      model.pop_front();
    } else if (!model.empty() && choice < 88) {
      const std::size_t position = random.below(model.size());
      ASSERT_EQ(*ring.take(position), model[position]);
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(position));
    } else if (!model.empty()) {
      ASSERT_EQ(*ring.pop_back(), model.back());
      model.pop_back();
    }
    ASSERT_EQ(ring.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(*ring[model.size() / 2], model[model.size() / 2]);
    }
  }
}

TEST(Ring, WorksAgainAfterABurstWhoseMemoryItGaveBack) {
  Ring<int> ring;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10000; ++i) ring.push_back(i);
    for (int i = 0; i < 10000; ++i) ASSERT_EQ(ring.pop_front(), i);
    ASSERT_TRUE(ring.empty());
  }
}

TEST(RingDeathTest, RefusesToPopFromAnEmptyRing) {
  Ring<int> ring;
  EXPECT_DEATH(ring.pop_front(), "the ring is empty");
}

}  // namespace
}  // namespace weir
