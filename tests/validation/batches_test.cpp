// Tasks that arrive together: batches at one queue (M^[X]/M/1 with fixed sizes) and fork and join
// of two queues (L. Flatto, S. Hahn, SIAM J. Applied Mathematics 44, 1984; R. Nelson, A. Tantawi,
// IEEE Transactions on Computers 37, 1988).

#include <gtest/gtest.h>

#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

// Batches of tasks at exponential intervals.
class BatchSource final : public TaskSource {
 public:
  BatchSource(double batches_per_s, std::uint64_t batch, std::uint64_t tasks, std::uint64_t seed,
              Instant start)
      : mean_gap_s_(1 / batches_per_s), batch_(batch), tasks_(tasks), random_(seed), due_(start) {
    due_ += from_seconds(random_.exponential(mean_gap_s_));
  }
  Instant next_due() const override { return exhausted() ? kNever : due_; }
  Task take() override {
    Task task;
    task.header.id = make_task_id(StreamId(0), taken_);
    task.header.arrival = due_;
    if (++taken_ % batch_ == 0) due_ += from_seconds(random_.exponential(mean_gap_s_));
    return task;
  }
  bool exhausted() const override { return taken_ == tasks_; }

 private:
  double mean_gap_s_;
  std::uint64_t batch_;
  std::uint64_t tasks_;
  Random random_;
  Instant due_;
  std::uint64_t taken_ = 0;
};

SourceOfSeed batches(double tasks_per_ms, std::uint64_t batch, std::uint64_t tasks) {
  return [=](std::uint64_t seed, Instant start) {
    return std::make_unique<BatchSource>(1000 * tasks_per_ms / static_cast<double>(batch), batch,
                                         tasks, seed, start);
  };
}

TEST(Batches, MeetALongerQueueTheLargerTheyAre) {
  const QueueingModel of5{.name = "batches of 5", .nodes = "nodes=1x1", .tasks = 600'000};
  expect_agreement(mean_response_of(of5, batches(.8, 5, of5.tasks)), 15);
  const QueueingModel of10{.name = "batches of 10", .nodes = "nodes=1x1", .tasks = 1'200'000};
  expect_agreement(mean_response_of(of10, batches(.8, 10, of10.tasks)), 27.5);
}

// One task of every pair goes to each of two nodes; the pair is done when both are.
double mean_of_pairs(double rho, std::uint64_t tasks, std::uint64_t seed) {
  const QueueingModel model{.name = "fork and join", .nodes = "nodes=1x1*2", .tasks = tasks};
  const auto responses = responses_of(model, seed, batches(2 * rho, 2, tasks));
  double sum = 0;
  for (std::size_t i = 0; i + 1 < responses.size(); i += 2) {
    sum += std::max(responses[i], responses[i + 1]);
  }
  return 2 * sum / static_cast<double>(responses.size());
}

TEST(Batches, OfOneForkAreJoinedByTheSlower) {
  const auto joined = [](double rho, std::uint64_t tasks) {
    return over_ten_seeds([=](std::uint64_t seed) { return mean_of_pairs(rho, tasks, seed); });
  };
  expect_agreement(joined(.5, 60'000), 2.875);
  expect_agreement(joined(.8, 300'000), 7);
  expect_agreement(joined(.9, 800'000), 13.875);
}

}  // namespace
}  // namespace weir
