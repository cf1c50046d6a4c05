#include "tools/result/run_result.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/finished_tasks.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Each rank has 4 workers, each busy for one of the four seconds of the run, and did
// `tasks_per_rank` tasks.
RunResult result_of(int rank_count, std::uint64_t tasks_per_rank = 3) {
  RunResult result{.policy = "random",
                   .seed = 7,
                   .offered_rate_per_s = 50,
                   .class_names = {"finance", "iot", "social"},
                   .stream_names = {"finance", "social"},
                   .tally = RunTally(3, 2, rank_count),
                   .ranks = {}};
  for (int i = 0; i < rank_count; ++i) {
    RankResult rank;
    rank.host = "n" + std::to_string(i);
    rank.worker_count = 4;
    rank.busy_s = 4;
    rank.counts.submitted = tasks_per_rank + 1;
    rank.counts.moved = 1;
    rank.counts.retried = 2;
    rank.lateness.add(1ms);
    result.ranks.push_back(rank);
    for (std::uint64_t task = 0; task < tasks_per_rank; ++task) {
      result.tally.add(done_task(0, 10 * task, i, 8ms), Instant(4s));
    }
    result.tally.add(failed_task(1, i, "no window"), Instant(2s));
  }
  return result;
}

// So much of everything that every number is as wide as it gets.
RunResult huge_result() {
  RunResult result = result_of(40, 2000);
  result.policy = "shortest_expected_delay+work_stealing";
  result.emulated = true;
  result.interrupted = true;
  result.offered_rate_per_s = 123456.7;
  result.bounds = {.capacity_per_s = 1234567.8, .mean_floor_s = 123.456};
  result.stream_names = {std::string(120, 'f'), "social"};
  for (RankResult& rank : result.ranks) {
    rank.host = std::string(64, 'h');
    rank.counts.submitted = rank.counts.moved = rank.counts.retried = 12'345'678;
    rank.counts.decisions = rank.transport.messages_sent = 98'765'432;
    rank.transport.bytes_sent = 1'000'000'000'000;
    for (int i = 0; i < 100; ++i) rank.lateness.add(1h);
  }
  for (std::uint16_t i = 0; i < 2; ++i) result.tally.add(done_task(i, 7, 0, 1h), Instant(3h));
  return result;
}

nlohmann::json json_of(const RunResult& result) {
  std::ostringstream out;
  print_json(result, out);
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 1) << "not one line";
  EXPECT_TRUE(out.str().ends_with('\n'));
  return nlohmann::json::parse(out.str());
}

std::string tables_of(const RunResult& result) {
  std::ostringstream out;
  print_tables(result, out);
  return out.str();
}

std::size_t widest_line(const std::string& text) {
  std::istringstream in(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(in, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(RunResult, JsonHasWhatReadersRelyOn) {
  const auto json = json_of(result_of(2));
  EXPECT_EQ(json.at("policy"), "random");
  EXPECT_EQ(json.at("ranks"), 2);
  EXPECT_EQ(json.at("tasks").at("submitted"), 8);
  EXPECT_EQ(json.at("tasks").at("completed"), 6);
  EXPECT_EQ(json.at("tasks").at("failed"), 2);
  EXPECT_EQ(json.at("tasks").at("dropped"), 0);
  EXPECT_EQ(json.at("tasks").at("moved"), 2);
  for (const char* name : {"mean", "p50", "p95", "p99"}) {
    EXPECT_NEAR(json.at("response_ms").at(name).get<double>(), 8, 0.1) << name;
  }
  EXPECT_DOUBLE_EQ(json.at("throughput_per_s"), 1.5);
  EXPECT_DOUBLE_EQ(json.at("utilization"), 0.25);
  const RunResult result = result_of(2);
  EXPECT_EQ(json.at("digest").size(), 2u);
  EXPECT_EQ(json.at("digest").at("finance"), result.tally.digests()[0].hex());
  EXPECT_EQ(json.at("digest").at("social"), result.tally.digests()[1].hex());
}

TEST(RunResult, JsonTellsClassesThatHadTasksAndAllNodes) {
  const auto json = json_of(result_of(20));
  EXPECT_EQ(json.at("classes").size(), 2u);
  EXPECT_EQ(json.at("classes").at("finance").at("completed"), 60);
  EXPECT_EQ(json.at("classes").at("iot").at("failed"), 20);
  ASSERT_EQ(json.at("nodes").size(), 20u);
  EXPECT_EQ(json.at("nodes").at(19).at("completed"), 3);
  EXPECT_EQ(json.at("nodes").at(19).at("host"), "n19");
}

TEST(RunResult, TellsDroppedTasksAndMissedDeadlines) {
  RunResult result = result_of(1);
  EXPECT_EQ(tables_of(result).find("deadline"), std::string::npos);
  result.tally.add(with_deadline(dropped_task(0, 100), 5ms), Instant(1s));
  for (std::uint64_t i = 101; i < 104; ++i) {
    result.tally.add(with_deadline(done_task(0, i, 0, 4ms), 5ms), Instant(1s));
  }
  const auto json = json_of(result);
  EXPECT_EQ(json.at("tasks").at("dropped"), 1);
  EXPECT_EQ(json.at("tasks").at("missed"), 1);
  EXPECT_EQ(json.at("classes").at("finance").at("dropped"), 1);
  EXPECT_EQ(json.at("classes").at("finance").at("missed"), 1);
  EXPECT_DOUBLE_EQ(json.at("classes").at("finance").at("miss_rate"), 0.25);
  EXPECT_DOUBLE_EQ(json.at("classes").at("iot").at("miss_rate"), 0);
  const std::string tables = tables_of(result);
  EXPECT_NE(tables.find("1 failed, 1 dropped"), std::string::npos) << tables;
  EXPECT_NE(tables.find("25.0%"), std::string::npos) << tables;
}

TEST(RunResult, JsonOfARunWithoutTasksHasZeros) {
  RunResult result = result_of(1);
  result.tally = RunTally(3, 2, 1);
  const auto json = json_of(result);
  EXPECT_EQ(json.at("response_ms").at("p99"), 0);
  EXPECT_EQ(json.at("throughput_per_s"), 0);
  EXPECT_EQ(json.at("utilization"), 0);
}

TEST(RunResult, TellsLatenessOnlyOfEmulatedWorkAndMarksARunThatWasTooLate) {
  RunResult result = result_of(2);
  EXPECT_FALSE(json_of(result).contains("lateness_ms"));
  EXPECT_EQ(tables_of(result).find("lateness"), std::string::npos);
  result.emulated = true;
  EXPECT_NEAR(json_of(result).at("lateness_ms").at("p99").get<double>(), 1, 0.05);
  EXPECT_EQ(json_of(result).at("void"), false);
  EXPECT_EQ(tables_of(result).find("VOID"), std::string::npos);
  for (int i = 0; i < 100; ++i) result.ranks[1].lateness.add(kLatenessLimit * 2);
  EXPECT_EQ(json_of(result).at("void"), true);
  EXPECT_NE(tables_of(result).find("VOID"), std::string::npos);
}

TEST(RunResult, TellsBoundsOnlyWhereThereAreSome) {
  RunResult result = result_of(2);
  EXPECT_FALSE(json_of(result).contains("bounds"));
  EXPECT_EQ(tables_of(result).find("capacity bound"), std::string::npos);
  result.bounds = {.capacity_per_s = 6, .mean_floor_s = 0.004};
  EXPECT_EQ(json_of(result).at("bounds").at("capacity_per_s"), 6);
  EXPECT_EQ(json_of(result).at("bounds").at("mean_floor_ms"), 4);
  EXPECT_DOUBLE_EQ(json_of(result).at("efficiency"), 0.25);
  EXPECT_NE(tables_of(result).find("25.0% of the capacity bound, 6.0 tasks/s"), std::string::npos);
  EXPECT_NE(tables_of(result).find("at least 4.000 ms; this run 2."), std::string::npos)
      << tables_of(result);
}

TEST(RunResult, HasNoFloorAboveTheCapacity) {
  RunResult result = result_of(2);
  result.bounds = {.capacity_per_s = 1, .mean_floor_s = std::numeric_limits<double>::infinity()};
  EXPECT_TRUE(json_of(result).at("bounds").at("mean_floor_ms").is_null());
  EXPECT_NE(tables_of(result).find("more is offered than any rule completes"), std::string::npos);
}

TEST(RunResult, TablesShowTheNumbersOfTheRun) {
  const std::string tables = tables_of(result_of(2));
  EXPECT_NE(tables.find("random on 2 ranks"), std::string::npos) << tables;
  EXPECT_NE(tables.find("8 submitted, 6 completed, 2 failed"), std::string::npos) << tables;
  EXPECT_NE(tables.find("25.0%"), std::string::npos) << tables;
  EXPECT_NE(tables.find(result_of(2).tally.digests()[0].hex()), std::string::npos) << tables;
}

TEST(RunResult, TablesSayThatARunWasInterrupted) {
  RunResult result = result_of(2);
  EXPECT_EQ(tables_of(result).find("interrupted"), std::string::npos);
  result.interrupted = true;
  EXPECT_NE(tables_of(result).find("interrupted"), std::string::npos);
  EXPECT_EQ(json_of(result).at("interrupted"), true);
}

TEST(RunResult, CountsTheCrashesOfAllRanks) {
  RunResult result = result_of(2);
  EXPECT_EQ(tables_of(result).find("crashed"), std::string::npos);
  EXPECT_EQ(json_of(result).at("tasks").at("crashed"), 0);
  for (RankResult& rank : result.ranks) rank.crashed = 4;
  EXPECT_NE(tables_of(result).find("\n  crashed      8 attempts"), std::string::npos);
  EXPECT_EQ(json_of(result).at("tasks").at("crashed"), 8);
}

TEST(RunResult, TablesFitAHundredColumns) {
  EXPECT_LE(widest_line(tables_of(result_of(3))), 100u);
  EXPECT_LE(widest_line(tables_of(huge_result())), 100u) << tables_of(huge_result());
}

TEST(RunResult, TablesListSixteenNodesAndSumUpTheRest) {
  const std::string sixteen = tables_of(result_of(16));
  EXPECT_NE(sixteen.find("n15"), std::string::npos) << sixteen;
  EXPECT_EQ(sixteen.find("more; busy"), std::string::npos) << sixteen;
  const std::string twenty = tables_of(result_of(20));
  EXPECT_EQ(twenty.find("n16"), std::string::npos) << twenty;
  EXPECT_NE(twenty.find("and 4 more; busy from 25.0% to 25.0%"), std::string::npos) << twenty;
}

TEST(RunResult, SaysWhatANetworkDecidedItselfAndWhyNotTheRest) {
  RunResult result = result_of(2);
  EXPECT_EQ(tables_of(result).find("learned"), std::string::npos);
  for (RankResult& rank : result.ranks) {
    rank.learned = {.placements = 200, .differing = 50};
    rank.learned[GuardReason::kNotFinite] = {.placements = 1, .times = 1};
  }
  const std::string tables = tables_of(result);
  EXPECT_NE(tables.find("learned      25.0% of the placements other than the rule's"),
            std::string::npos)
      << tables;
  EXPECT_NE(tables.find("0.5% left to the rule: not_finite, 2 times"), std::string::npos) << tables;
  std::ostringstream out;
  print_json(result, out);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["learned"]["placements"], 400);
  EXPECT_EQ(json["learned"]["differing"], 100);
  EXPECT_EQ(json["learned"]["left_to_rule"]["not_finite"]["times"], 2);
}

TEST(RunResult, SaysWhatWasLearnedInAllClusters) {
  RunResult result = result_of(3);
  EXPECT_FALSE(result.learning());
  EXPECT_EQ(result.most_learned(), nullptr);
  EXPECT_EQ(tables_of(result).find("online"), std::string::npos);
  result.ranks[0].online = ClusterLearning{{.fits = 3,
                                            .promotions = 1,
                                            .drops = 1,
                                            .version = 1,
                                            .tasks = 100,
                                            .told_loss = 110,
                                            .given_loss = 105,
                                            .in_use_loss = 100},
                                           {.version = 1}};
  result.ranks[2].online = ClusterLearning{{.fits = 2,
                                            .promotions = 2,
                                            .rollbacks = 1,
                                            .version = 3,
                                            .tasks = 300,
                                            .told_loss = 330,
                                            .given_loss = 315,
                                            .in_use_loss = 304},
                                           {.version = 3}};
  const std::string tables = tables_of(result);
  EXPECT_NE(tables.find("online       5 fits, 3 promotions, 1 rollback, 1 dropped; version 3"),
            std::string::npos)
      << tables;
  EXPECT_NE(tables.find("loss 1.0100 of the weights in use, 1.0500 of those it began with, "
                        "1.1000 as told"),
            std::string::npos)
      << tables;
  std::ostringstream out;
  print_json(result, out);
  const auto online = nlohmann::json::parse(out.str())["online"];
  EXPECT_EQ(online["fits"], 5);
  EXPECT_EQ(online["version"], 3);
  EXPECT_EQ(online["loss"]["in_use"], 1.01);
  EXPECT_EQ(result.most_learned()->weights.version, 3U) << "of the cluster with most tasks";
}

TEST(RankResult, SurvivesEncodingAndIsRefusedWhenCutOff) {
  RankResult rank = result_of(1).ranks[0];
  rank.speed = 1.5;
  rank.crashed = 7;
  rank.control_cpu_s = 0.25;
  rank.making_cpu_s = 0.125;
  rank.hand_over.tasks_given = 11;
  rank.learned = {.placements = 9, .differing = 4};
  rank.learned[GuardReason::kTooSlow] = {.placements = 3, .times = 1};
  rank.online = ClusterLearning{
      {.fits = 4,
       .averages = 1,
       .promotions = 2,
       .drops = 1,
       .rollbacks = 1,
       .version = 3,
       .tasks = 50,
       .told_loss = 51,
       .given_loss = 52,
       .in_use_loss = 49},
      {.version = 3, .sample_count = 2'000, .parameters = {1, -2.5F}, .least = {0}, .most = {4}}};
  rank.transport.bytes_received = 12;
  Bytes bytes;
  ByteWriter out(bytes);
  encode(rank, out);
  RankResult copy;
  ByteReader in(bytes);
  ASSERT_TRUE(decode(copy, in));
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(copy.host, "n0");
  EXPECT_EQ(copy.speed, 1.5);
  EXPECT_EQ(copy.crashed, 7u);
  EXPECT_EQ(copy.control_cpu_s, 0.25);
  EXPECT_EQ(copy.making_cpu_s, 0.125);
  EXPECT_EQ(copy.counts.retried, 2u);
  EXPECT_EQ(copy.hand_over.tasks_given, 11u);
  EXPECT_EQ(copy.learned, rank.learned);
  ASSERT_TRUE(copy.online);
  EXPECT_EQ(copy.online->counts, rank.online->counts);
  EXPECT_EQ(copy.online->weights.version, 3U);
  EXPECT_EQ(copy.online->weights.sample_count, 2'000U);
  EXPECT_EQ(copy.online->weights.parameters, rank.online->weights.parameters);
  EXPECT_EQ(copy.online->weights.least, rank.online->weights.least);
  EXPECT_EQ(copy.online->weights.most, rank.online->weights.most);
  EXPECT_EQ(copy.transport.bytes_received, 12u);
  EXPECT_EQ(copy.lateness.count(), 1u);
  ByteReader torn(std::span<const std::byte>(bytes).first(bytes.size() - 1));
  EXPECT_FALSE(decode(copy, torn));
}

}  // namespace
}  // namespace weir
