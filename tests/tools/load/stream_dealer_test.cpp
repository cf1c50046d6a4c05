#include "tools/load/stream_dealer.hpp"

#include <gtest/gtest.h>

#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Social and iot, two seconds at 200 tasks/s each.
std::vector<NumberedStream> two_streams() {
  std::vector<NumberedStream> streams;
  streams.push_back({make_stream("social", at_rate(200, 2)), StreamId(0), ClassId(0), KindId(0)});
  streams.push_back({make_stream("iot", at_rate(200, 2)), StreamId(1), ClassId(1), KindId(2)});
  return streams;
}

bool equal(const Task& a, const Task& b) {
  return a.header.id == b.header.id && a.header.arrival == b.header.arrival &&
         a.header.task_class == b.header.task_class && a.header.kind == b.header.kind &&
         a.header.key == b.header.key;
}

std::vector<Task> drain(TaskSource& source) {
  std::vector<Task> tasks;
  while (!source.exhausted()) {
    const Instant due = source.next_due();
    tasks.push_back(source.take());
    EXPECT_EQ(tasks.back().header.arrival, due);
  }
  EXPECT_EQ(source.next_due(), kNever);
  return tasks;
}

TEST(StreamDealer, GivesEachHomeWhatASourceOfItsOwnWould) {
  constexpr int kHomes = 3;
  StreamDealer dealer(two_streams(), kHomes);
  std::vector<std::unique_ptr<TaskSource>> sources;
  for (int home = 0; home < kHomes; ++home) {
    sources.push_back(dealer.source(home, Instant(home * 7s)));
  }
  for (int home = 0; home < kHomes; ++home) {
    StreamSource own(two_streams(), {.home = home, .home_count = kHomes, .with_payloads = false},
                     Instant(home * 7s));
    const std::vector<Task> expected = drain(own);
    const std::vector<Task> dealt = drain(*sources[static_cast<std::size_t>(home)]);
    EXPECT_GT(expected.size(), 100u);
    ASSERT_EQ(dealt.size(), expected.size()) << "home " << home;
    for (std::size_t i = 0; i < dealt.size(); ++i) {
      EXPECT_TRUE(equal(dealt[i], expected[i])) << "home " << home << ", task " << i;
    }
  }
}

TEST(StreamDealer, HasNothingForAnyHomeWithoutStreams) {
  StreamDealer dealer({}, 2);
  EXPECT_TRUE(dealer.source(1, Instant{})->exhausted());
}

TEST(StreamDealerDeathTest, RefusesAHomeThatIsNone) {
  StreamDealer dealer(two_streams(), 2);
  EXPECT_DEATH(dealer.source(2, Instant{}), "not one of the homes");
}

TEST(StreamDealer, TellsTheFirstHomeOfAnnouncedRises) {
  const auto crowds = [] {
    std::vector<NumberedStream> streams;
    streams.push_back(
        {make_stream("social:crowds", at_rate(10, 2000)), StreamId(0), ClassId(2), KindId(2)});
    return streams;
  };
  StreamSource alone(crowds(), {}, Instant(0s));
  const auto known = alone.next_announced(Instant(2000s));
  ASSERT_TRUE(known);
  StreamDealer dealer(crowds(), 2);
  const auto first = dealer.source(0, Instant(7s));
  const auto second = dealer.source(1, Instant(9s));
  EXPECT_FALSE(second->next_announced(Instant(3000s)));
  const auto rise = first->next_announced(Instant(3000s));
  ASSERT_TRUE(rise);
  EXPECT_EQ(rise->begin, known->begin + 7s) << "on the clock of the home";
  EXPECT_EQ(rise->end, known->end + 7s);
}

}  // namespace
}  // namespace weir
