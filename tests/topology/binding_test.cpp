#include "topology/binding.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace weir {
namespace {

TEST(Binding, BindsTheCallingThreadAndNoOther) {
  const Cpuset before = binding_of_this_thread();
  ASSERT_FALSE(before.empty());
  const Cpuset one{before.indices().back()};
  std::thread([&] {
    const BindingResult result = bind_this_thread(one);
    EXPECT_TRUE(result.done) << result.reason;
    EXPECT_EQ(binding_of_this_thread(), one);
  }).join();
  EXPECT_EQ(binding_of_this_thread(), before);
}

TEST(Binding, SaysWhyItRefusesAndChangesNothing) {
  const Cpuset before = binding_of_this_thread();
  for (const Cpuset& impossible :
       {Cpuset(), Cpuset{Cpuset::kMaxIndex}, before | Cpuset{Cpuset::kMaxIndex}}) {
    const BindingResult result = bind_this_thread(impossible);
    EXPECT_FALSE(result.done);
    EXPECT_FALSE(result.reason.empty());
    EXPECT_EQ(binding_of_this_thread(), before);
  }
}

TEST(Binding, LowersThePriorityOfOneThreadOnly) {
  const int before = getpriority(PRIO_PROCESS, 0);
  if (before >= kWorkerNice) GTEST_SKIP() << "this process is nicer already";
  std::thread([&] {
    const BindingResult result = lower_thread_priority();
    EXPECT_TRUE(result.done) << result.reason;
    EXPECT_EQ(getpriority(PRIO_PROCESS, 0), kWorkerNice);
    EXPECT_TRUE(lower_thread_priority(1).done);
    EXPECT_EQ(getpriority(PRIO_PROCESS, 0), kWorkerNice) << "made less nice";
  }).join();
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
}

}  // namespace
}  // namespace weir
