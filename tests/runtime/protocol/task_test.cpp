#include "runtime/protocol/task.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "tests/support/finished_tasks.hpp"

namespace weir {
namespace {

template <typename Exception>
class Throwing final : public PayloadObject {
 public:
  Bytes serialize() const override { throw Exception("no room"); }
};

class Text final : public PayloadObject {
 public:
  Bytes serialize() const override { return bytes_of("text"); }
};

Task task_with(std::shared_ptr<const PayloadObject> object) {
  Task task;
  task.header.id = TaskId(7);
  task.header.attempt = 2;
  task.header.task_class = ClassId(3);
  task.header.home = RankId(1);
  task.payload = Payload(std::move(object));
  return task;
}

TEST(Task, LeavesItsRankAsBytes) {
  Task task = task_with(std::make_shared<Text>());
  EXPECT_FALSE(serialize_payload(task).has_value());
  EXPECT_FALSE(task.payload.is_object());
  EXPECT_TRUE(std::ranges::equal(task.payload.bytes(), bytes_of("text")));
}

TEST(Task, EndsAsFailedWhenItsSerializationThrows) {
  Task task = task_with(std::make_shared<Throwing<std::length_error>>());
  const auto end = serialize_payload(task);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->id, TaskId(7));
  EXPECT_EQ(end->attempt, 2u);
  EXPECT_EQ(end->task_class, ClassId(3));
  EXPECT_EQ(end->home, RankId(1));
  EXPECT_EQ(end->status, TaskStatus::kFailed);
  EXPECT_EQ(end->result, bytes_of("std::length_error: no room"));
}

TEST(Task, EndsAsFailedWhateverItsSerializationThrows) {
  struct Odd {
    explicit Odd(const char*) {}
  };
  Task task = task_with(std::make_shared<Throwing<Odd>>());
  EXPECT_TRUE(serialize_payload(task).has_value());
}

}  // namespace
}  // namespace weir
