#include "tools/load/open_tasks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

TEST(OpenTasks, HaveWhatWasInsertedAndNotErased) {
  OpenTasks open;
  EXPECT_FALSE(open.contains(TaskId(0)));
  EXPECT_FALSE(open.erase(TaskId(0)));
  open.insert(TaskId(0));
  EXPECT_TRUE(open.contains(TaskId(0)));
  EXPECT_FALSE(open.contains(TaskId(1)));
  EXPECT_TRUE(open.erase(TaskId(0)));
  EXPECT_FALSE(open.erase(TaskId(0)));
  EXPECT_EQ(open.size(), 0U);
}

TEST(OpenTasks, AgreeWithASetWhateverComesAndGoes) {
  OpenTasks open;
  std::set<TaskId> expected;
  Random random(7);
  for (int step = 0; step < 100'000; ++step) {
    // Few enough ids that most are met again, and runs of neighbours long.
    const TaskId id(random.below(500));
    const bool is_in = expected.contains(id);
    ASSERT_EQ(open.contains(id), is_in);
    if (random.below(2) == 0) {
      ASSERT_EQ(open.erase(id), is_in);
      expected.erase(id);
    } else if (!is_in) {
      open.insert(id);
      expected.insert(id);
    }
    ASSERT_EQ(open.size(), expected.size());
  }
  std::vector<TaskId> ids = open.ids();
  std::ranges::sort(ids);
  EXPECT_TRUE(std::ranges::equal(ids, expected));
}

}  // namespace
}  // namespace weir
