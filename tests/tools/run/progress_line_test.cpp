#include "tools/run/progress_line.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// `rank_count` nodes that have worked through some tasks, so that rank 0 has reports of all.
class WorkedCluster {
 public:
  explicit WorkedCluster(int rank_count)
      : cluster_(
            {.rank_count = rank_count},
            [](RankId home) { return make_policy("round_robin", {.home = home}); },
            [](RankId rank, Instant start) -> std::unique_ptr<TaskSource> {
              if (rank != RankId(0)) return nullptr;
              return std::make_unique<EvenSource>(start, 1, 1000, 1ms);
            }) {
    cluster_.run_until([this] { return cluster_.now() > Instant(900ms); }, 1s);
  }
  const NodeAgent& agent() { return cluster_.agent(0); }

 private:
  VirtualCluster cluster_;
};

// As a terminal counts: one column for each character, none for control sequences.
std::size_t columns_of(const std::string& text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\033[K") == 0) {
      i += 2;
    } else if (text[i] != '\r' && (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
      ++columns;
    }
  }
  return columns;
}

TEST(ProgressLine, FitsTheTerminalWhateverItsWidth) {
  WorkedCluster cluster(60);
  for (const int columns : {40, 60, 80, 100, 200}) {
    std::ostringstream out;
    DurationHistogram response;
    for (int i = 0; i < 10; ++i) response.add(123456ms);
    ProgressLine line({.columns = columns}, response, out);
    line.observe(cluster.agent(), Instant(2s));
    EXPECT_LT(columns_of(out.str()), static_cast<std::size_t>(columns)) << out.str();
    EXPECT_EQ(out.str().find('\n'), std::string::npos);
  }
}

TEST(ProgressLine, ShowsOneBarPerNode) {
  WorkedCluster cluster(3);
  std::ostringstream out;
  DurationHistogram response;
  ProgressLine line({.columns = 100}, response, out);
  line.observe(cluster.agent(), Instant(1s));
  const std::string text = out.str();
  EXPECT_NE(text.find("  \xe2\x96"), std::string::npos) << text;
  EXPECT_NE(text.find(" done"), std::string::npos) << text;
}

TEST(ProgressLine, ShowsTheResponseTimesOfTheLastSecondAndClearsThem) {
  WorkedCluster cluster(1);
  std::ostringstream out;
  DurationHistogram response;
  ProgressLine line({.columns = 100}, response, out);
  for (int i = 0; i < 10; ++i) response.add(4ms);
  line.observe(cluster.agent(), Instant(1s));
  EXPECT_EQ(response.count(), 0u);
  EXPECT_NE(out.str().find("p50 4"), std::string::npos) << out.str();
  response.add(9ms);
  line.observe(cluster.agent(), Instant(1200ms));
  EXPECT_EQ(response.count(), 1u) << "the second is not over";
}

TEST(ProgressLine, ClearsItselfInTheEnd) {
  WorkedCluster cluster(1);
  std::ostringstream out;
  DurationHistogram response;
  {
    ProgressLine line({}, response, out);
    line.observe(cluster.agent(), Instant(1s));
  }
  EXPECT_TRUE(out.str().ends_with("\r\033[K"));
}

}  // namespace
}  // namespace weir
