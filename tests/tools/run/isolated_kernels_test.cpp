#include "tools/run/isolated_kernels.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "jobs/kernels/windows.hpp"
#include "runtime/exec/worker.hpp"
#include "tools/load/workload.hpp"

namespace weir {
namespace {

// As much of a worker as a kernel may ask for.
class Place final : public TaskContext {
 public:
  explicit Place(int worker) : worker_(worker) {}
  WorkerId worker() const override { return worker_; }
  void spawn(KindId, Payload, ClassId) override { FAIL() << "kernels spawn nothing"; }

 private:
  WorkerId worker_;
};

Task task_of(const KindTable& kinds, const std::string& kind, Bytes payload) {
  Task task;
  task.header.kind = kinds.find(kind).value();
  task.payload = Payload(std::move(payload));
  return task;
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(IsolatedKernels, AreTheKindsOfARun) {
  IsolatedKernels isolated({});
  EXPECT_EQ(isolated.kinds().fingerprint(), kernel_kinds().fingerprint());
}

TEST(IsolatedKernels, EndAsKernelsInTheProcessDo) {
  IsolatedKernels isolated({});
  const KindTable kinds = isolated.kinds();
  isolated.open(RankId(0), 2);
  const KindTable plain = kernel_kinds();
  Bytes words;
  encode(SocialWindow{.work_units = 3, .text = "some words and some more words"}, words);
  const Bytes spoilt{std::byte{0xff}};
  for (const Bytes& payload : {words, spoilt}) {
    for (const char* kind : {"social", "iot"}) {
      Place place(1);
      const TaskEnd end = run_task(task_of(kinds, kind, payload), kinds, place);
      const TaskEnd expected = run_task(task_of(plain, kind, payload), plain, place);
      EXPECT_EQ(end.status, expected.status);
      EXPECT_EQ(text_of(end.result), text_of(expected.result));
    }
  }
  EXPECT_EQ(isolated.crashed(), 0U);
}

TEST(IsolatedKernels, FailWithTheSignalWhereTheyAreMadeToCrash) {
  IsolatedKernels isolated({.crash_share = 1});
  const KindTable kinds = isolated.kinds();
  isolated.open(RankId(0), 1);
  Place place(0);
  for (int i = 0; i < 3; ++i) {
    const TaskEnd end = run_task(task_of(kinds, "iot", {}), kinds, place);
    EXPECT_EQ(end.status, TaskStatus::kFailed);
    EXPECT_EQ(text_of(end.result), "the child process was ended by signal 11 (Segmentation fault)");
  }
  EXPECT_EQ(isolated.crashed(), 3U);
}

TEST(IsolatedKernels, CrashInTheirShareOfTheAttempts) {
  IsolatedKernels isolated({.crash_share = 0.2});
  const KindTable kinds = isolated.kinds();
  isolated.open(RankId(0), 1);
  Place place(0);
  constexpr int kAttempts = 400;
  for (int i = 0; i < kAttempts; ++i) run_task(task_of(kinds, "iot", {}), kinds, place);
  // Four standard deviations are 32.
  EXPECT_NEAR(static_cast<double>(isolated.crashed()), 0.2 * kAttempts, 32);
}

}  // namespace
}  // namespace weir
