#include "tools/load/stream_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "jobs/kernels/kernel.hpp"
#include "tests/support/numbered_streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::vector<Task> tasks_of(const StreamSourceOptions& options, Instant start = Instant{}) {
  StreamSource source(two_streams(), options, start);
  std::vector<Task> tasks;
  while (!source.exhausted()) {
    const Instant due = source.next_due();
    tasks.push_back(source.take());
    EXPECT_EQ(tasks.back().header.arrival, due);
  }
  EXPECT_EQ(source.next_due(), kNever);
  return tasks;
}

// Of all homes, by id.
std::map<std::uint64_t, Bytes> payloads_by_id(const StreamSourceOptions& options) {
  std::map<std::uint64_t, Bytes> payloads;
  StreamSourceOptions each = options;
  for (each.home = 0; each.home < each.home_count; ++each.home) {
    for (const Task& task : tasks_of(each)) {
      const auto bytes = task.payload.bytes();
      const bool is_new =
          payloads.try_emplace(task.header.id.value(), bytes.begin(), bytes.end()).second;
      EXPECT_TRUE(is_new) << "two homes have task " << task.header.id.value();
    }
  }
  return payloads;
}

bool kernel_refuses(const Bytes& payload) {
  for (const std::string_view name : kernel_names()) {
    try {
      Bytes result;
      find_kernel(name)(payload, result);
      return false;
    } catch (const std::runtime_error&) {
    }
  }
  return true;
}

TEST(StreamSource, MergesItsStreamsByTime) {
  const auto tasks = tasks_of({});
  EXPECT_TRUE(std::ranges::is_sorted(tasks, {}, [](const Task& t) { return t.header.arrival; }));
  std::map<StreamId, std::uint64_t> next_index;
  for (const Task& task : tasks) {
    EXPECT_EQ(index_of(task.header.id), next_index[stream_of(task.header.id)]++);
  }
  EXPECT_EQ(next_index.size(), 2u);
}

TEST(StreamSource, GivesEachTaskTheNumbersOfItsStream) {
  for (const Task& task : tasks_of({})) {
    const bool is_first = stream_of(task.header.id) == StreamId(0);
    EXPECT_EQ(task.header.task_class, ClassId(is_first ? 0 : 1));
    EXPECT_EQ(task.header.kind, KindId(is_first ? 0 : 2));
  }
}

TEST(StreamSource, GivesTasksPriorityDeadlineAndHintOfTheirStream) {
  std::vector<NumberedStream> streams = two_streams();
  streams[1].priority = 3;
  streams[1].deadline = 70ms;
  streams[1].cost_hint = [](TaskId id, const Arrival& arrival) {
    EXPECT_EQ(index_of(id), arrival.index);
    return 1us * arrival.work_units;
  };
  StreamSource source(std::move(streams), {}, Instant(5s));
  while (!source.exhausted()) {
    const TaskHeader header = source.take().header;
    const bool is_first = stream_of(header.id) == StreamId(0);
    EXPECT_EQ(header.priority, is_first ? 0 : 3);
    EXPECT_EQ(header.deadline, is_first ? kNever : header.arrival + 70ms);
    EXPECT_EQ(header.cost_hint > 0ms, !is_first);
  }
}

TEST(StreamSource, CountsStreamTimeFromItsStart) {
  const auto at_zero = tasks_of({});
  const auto later = tasks_of({}, Instant(3s));
  ASSERT_EQ(at_zero.size(), later.size());
  for (std::size_t i = 0; i < later.size(); ++i) {
    EXPECT_EQ(later[i].header.arrival, at_zero[i].header.arrival + 3s);
  }
}

TEST(StreamSource, GoesOnInTheMiddleWithTheTasksThatAreLeft) {
  const auto all = tasks_of({});
  // Exactly when one is due: that one belongs to what is left.
  const Instant middle = all[all.size() / 2].header.arrival;
  const Duration from = middle.time_since_epoch();
  const auto is_left = [middle](const Task& task) { return task.header.arrival >= middle; };
  const auto first = std::ranges::find_if(all, is_left);
  for (int home_count = 1; home_count <= 3; ++home_count) {
    std::map<std::uint64_t, Bytes> left;
    for (int home = 0; home < home_count; ++home) {
      StreamSource source(two_streams(), {.home = home, .home_count = home_count, .from = from},
                          Instant{} - from);
      EXPECT_EQ(source.left_out(), static_cast<std::uint64_t>(first - all.begin()));
      while (!source.exhausted()) {
        EXPECT_GE(source.next_due(), Instant{}) << "the clock begins anew";
        const Task task = source.take();
        left[task.header.id.value()] =
            Bytes(task.payload.bytes().begin(), task.payload.bytes().end());
      }
    }
    EXPECT_EQ(left.size(), static_cast<std::size_t>(all.end() - first));
    for (auto task = first; task != all.end(); ++task) {
      const auto bytes = task->payload.bytes();
      EXPECT_EQ(left[task->header.id.value()], Bytes(bytes.begin(), bytes.end()));
    }
  }
}

TEST(StreamSource, SharesEveryTaskToExactlyOneHomeWithTheSamePayload) {
  const auto alone = payloads_by_id({});
  EXPECT_GT(alone.size(), 300u);
  for (int home_count = 2; home_count <= 5; ++home_count) {
    EXPECT_EQ(payloads_by_id({.home_count = home_count}), alone) << home_count << " homes";
  }
}

TEST(StreamSource, SharesTasksEvenlyAndWithoutAPattern) {
  constexpr int kHomes = 8;
  constexpr std::uint64_t kTasks = 80'000;
  std::vector<double> of_home(kHomes);
  double same_as_before = 0;
  int before = -1;
  for (std::uint64_t i = 0; i < kTasks; ++i) {
    const int home = home_of(make_task_id(StreamId(3), i), kHomes);
    ASSERT_TRUE(home >= 0 && home < kHomes);
    ++of_home[static_cast<std::size_t>(home)];
    same_as_before += home == before ? 1 : 0;
    before = home;
  }
  // Four standard deviations of a binomial law with p = 1/8.
  for (const double count : of_home) EXPECT_NEAR(count, kTasks / kHomes, 375);
  EXPECT_NEAR(same_as_before, kTasks / kHomes, 375);
}

TEST(StreamSource, GivesNothingToARankThatIsNoHome) {
  StreamSource source(two_streams(), {.home = 2, .home_count = 2}, Instant{});
  EXPECT_TRUE(source.exhausted());
  EXPECT_EQ(source.next_due(), kNever);
}

TEST(StreamSource, MakesNoPayloadsWhereNoneAreWanted) {
  for (const Task& task : tasks_of({.with_payloads = false})) {
    EXPECT_TRUE(task.payload.bytes().empty());
  }
}

TEST(StreamSource, SpoilsTheSameShareOfTheTasksOnAnyNumberOfHomes) {
  const StreamSourceOptions spoiling{.failure_share = 0.25};
  const auto sound = payloads_by_id({});
  const auto alone = payloads_by_id(spoiling);
  std::size_t spoilt = 0;
  for (const auto& [id, payload] : alone) {
    if (payload == sound.at(id)) continue;
    ++spoilt;
    EXPECT_TRUE(kernel_refuses(payload));
  }
  EXPECT_NEAR(static_cast<double>(spoilt) / static_cast<double>(alone.size()), 0.25, 0.08);
  EXPECT_EQ(payloads_by_id({.home_count = 3, .failure_share = 0.25}), alone);
  EXPECT_NE(payloads_by_id({.failure_share = 0.25, .seed = 2}), alone);
}

TEST(StreamSourceDeathTest, RefusesToGiveATaskWhenThereIsNone) {
  StreamSource source({}, {}, Instant{});
  EXPECT_DEATH(source.take(), "exhausted source");
}

TEST(StreamSource, TellsOfAnnouncedRisesAsSoonAsTheyAreKnown) {
  const Instant start(500s);
  StreamOptions options = at_rate(10, 2000);
  std::vector<AnnouncedEvent> events;
  const auto stream = make_stream("social:crowds", options);
  while (const auto event = stream->next_announced(2000s)) events.push_back(*event);
  ASSERT_GT(events.size(), 1U);

  std::vector<NumberedStream> streams;
  streams.push_back({make_stream("finance", options), StreamId(0), ClassId(0), KindId(0)});
  streams.push_back({make_stream("social:crowds", options), StreamId(1), ClassId(2), KindId(2)});
  StreamSource source(std::move(streams), {}, start);
  EXPECT_FALSE(source.next_announced(start + events[0].known - 1ms));
  const auto rise = source.next_announced(start + events[0].known);
  ASSERT_TRUE(rise);
  EXPECT_EQ(rise->task_class, ClassId(2));
  EXPECT_EQ(rise->begin, start + events[0].begin);
  EXPECT_EQ(rise->end, start + events[0].begin + events[0].rise);
  EXPECT_FALSE(source.next_announced(start + events[0].known)) << "once";
}

}  // namespace
}  // namespace weir
