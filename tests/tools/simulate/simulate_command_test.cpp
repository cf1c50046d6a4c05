#include "tools/simulate/simulate_command.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/record/record_reader.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/tools/simulate/simulate_fixture.hpp"

namespace weir {
namespace {

class SimulateCommand : public SimulateFixture {};

TEST_F(SimulateCommand, PrintsTheResultOfARun) {
  const auto json = result({scenario(kSmall), "--policy", "least_outstanding"});
  EXPECT_EQ(json["policy"], "least_outstanding");
  EXPECT_EQ(json["ranks"], 4);
  // 1,120 tasks/s for the two seconds that count.
  EXPECT_NEAR(json["tasks"]["submitted"].get<double>(), 2240, 250);
  EXPECT_EQ(json["tasks"]["completed"], json["tasks"]["submitted"]);
  EXPECT_GT(json["response_ms"]["mean"], 8);
  EXPECT_LT(json["response_ms"]["mean"], 20);
  EXPECT_NEAR(json["utilization"].get<double>(), 0.7, 0.15);
}

TEST_F(SimulateCommand, RepeatsItselfForASeed) {
  const std::string path = scenario(kSmall);
  EXPECT_EQ(result({path, "--seed", "3"}), result({path, "--seed", "3"}));
  EXPECT_NE(result({path, "--seed", "3"})["response_ms"],
            result({path, "--seed", "4"})["response_ms"]);
}

TEST_F(SimulateCommand, LetsSettingsReplaceThoseOfTheScenario) {
  const std::string path = scenario(kSmall);
  const auto lower = result({path, "--set", "rate=200"});
  EXPECT_NEAR(lower["tasks"]["submitted"].get<double>(), 400, 100);
  const auto slow = result({path, "--set", "latency=50ms", "--set", "dispatchers=1"});
  EXPECT_GT(slow["response_ms"]["mean"].get<double>(), 50);
}

TEST_F(SimulateCommand, TakesParametersOfThePolicy) {
  const std::string path = scenario(kSmall);
  const auto standard = result({path, "--policy", "power_of_two"});
  EXPECT_EQ(result({path, "--policy", "power_of_two:d=2,own_weight=1"})["response_ms"],
            standard["response_ms"]);
  const auto all_nodes = result({path, "--policy", "power_of_two:d=4+work_stealing"});
  EXPECT_EQ(all_nodes["policy"], "power_of_two:d=4+work_stealing");
  EXPECT_NE(all_nodes["response_ms"], standard["response_ms"]);
}

TEST_F(SimulateCommand, CountsDeadlinesAndDrops) {
  const std::string path = scenario(std::string(kSmall) +
                                    "deadline.finance = 20ms\n"
                                    "drop-late = true\n"
                                    "queue-order = earliest_deadline\n"
                                    "[deadline]\n"
                                    "iot = 1h\n");
  const auto json = result({path, "--set", "load=1.1"});
  const auto& tasks = json["tasks"];
  EXPECT_EQ(tasks["submitted"], tasks["completed"].get<int>() + tasks["dropped"].get<int>());
  EXPECT_GT(tasks["dropped"], 0);
  EXPECT_GE(json["classes"]["finance"]["missed"], json["classes"]["finance"]["dropped"]);
  EXPECT_GT(json["classes"]["finance"]["miss_rate"], 0.01);
  EXPECT_EQ(json["classes"]["iot"]["missed"], 0);
  // Without the drops the misses stay.
  const auto patient = result({path, "--set", "load=1.1", "--set", "drop-late=false"});
  EXPECT_EQ(patient["tasks"]["dropped"], 0);
  EXPECT_GT(patient["classes"]["finance"]["missed"], 0);
}

// Where a class runs its short tasks first, less work is ahead of the other one, too.
TEST_F(SimulateCommand, GivesAClassAnOrderOfItsOwn) {
  const std::string path = scenario(
      "emulate = nodes=8x1*1;work_ms=10\nstream = finance:poisson\nstream = iot:poisson\n"
      "load = 0.95\nduration = 60s\nwarm-up = 1s\ndispatchers = 1\nsize-hints = true\n"
      "policy = least_outstanding\n");
  const auto mean_ms = [](const nlohmann::json& json, const char* name) {
    return json["classes"][name]["response_ms"]["mean"].get<double>();
  };
  const auto plain = result({path});
  const auto own = result({path, "--set", "queue-order.finance=shortest_first"});
  EXPECT_LT(mean_ms(own, "finance"), 0.8 * mean_ms(plain, "finance"));
  EXPECT_LT(mean_ms(own, "iot"), mean_ms(plain, "iot"));
  const auto other = result({path, "--set", "queue-order=shortest_first", "--set",
                             "queue-order.finance=fifo", "--set", "queue-order.iot=fifo"});
  EXPECT_GT(mean_ms(other, "finance"), 1.2 * mean_ms(own, "finance"));
}

TEST_F(SimulateCommand, DropsWhatAFullHomeCannotTake) {
  const std::string path = scenario(kSmall);
  const auto json = result({path, "--set", "load=2", "--set", "max-in-flight=30", "--set",
                            "overflow=drop", "--policy", "least_outstanding"});
  // Sixteen cores for twice what they can do.
  EXPECT_NEAR(json["tasks"]["dropped"].get<double>() / json["tasks"]["submitted"].get<double>(),
              0.5, 0.05);
  EXPECT_LT(json["response_ms"]["mean"], 60);
}

// Two nodes, and social tasks that harm each other from the fifth on.
TEST_F(SimulateCommand, LetsNodesLimitTheClassThatHarmsItself) {
  const std::string hungry = scenario(
      "emulate = nodes=16x1*2;work_ms=20;interference_beta=2;interference_classes=2;"
      "interference_share=0.25\n"
      "stream = finance:poisson\n"
      "stream = social:poisson\n"
      "load = 0.65\n"
      "share = social=0.3\n"
      "duration = 60s\n"
      "warm-up = 20s\n"
      "dispatchers = 1\n");
  const auto mean_ms = [&](const std::string& control, const std::string& domains = "1") {
    return result({hungry, "--policy", "weighted_least_connections", "--set",
                   "node-control=" + control, "--set",
                   "memory_domains=" + domains})["response_ms"]["mean"]
        .get<double>();
  };
  const double uncontrolled = mean_ms("off");
  EXPECT_LT(mean_ms("on"), 0.9 * uncontrolled);
  EXPECT_LT(mean_ms("limits"), 0.9 * uncontrolled);
  const double uncontrolled_domains = mean_ms("off", "2");
  EXPECT_NE(uncontrolled_domains, uncontrolled);
  EXPECT_LT(mean_ms("limits", "2"), 0.9 * uncontrolled_domains);
}

TEST_F(SimulateCommand, LetsTheRateChangeDuringTheRun) {
  const std::string path = scenario(kSmall);
  const auto json = result(
      {path, "--set", "profile=0s:0.1,2s:1", "--set", "profile.iot=0s:0.5", "--set", "load=0.8"});
  // 640/s of each class at a factor of 1, in the two seconds that count.
  EXPECT_NEAR(json["classes"]["finance"]["completed"].get<double>(), 704, 110);
  EXPECT_NEAR(json["classes"]["iot"]["completed"].get<double>(), 640, 110);
}

TEST_F(SimulateCommand, ReplaysTracesFromAFolderThatIsNamed) {
  const ScratchFolder folder;
  std::string counts = "count\n";
  for (int second = 0; second < 100; ++second) counts += second % 10 == 0 ? "60\n" : "10\n";
  folder.write("social/posts_persec.csv", counts);
  const std::string path = scenario(
      "emulate = nodes=4x1*4;work_ms=10\n"
      "trace = social/posts_persec.csv\n"
      "time-scale = 20\n");
  const std::string named = "traces-folder=" + (folder / "").string();
  const auto json = result({path, "--set", named});
  EXPECT_EQ(json["tasks"]["completed"], 1500);
  EXPECT_NEAR(json["elapsed_s"].get<double>(), 5, 0.2);
  EXPECT_NEAR(result({path, "--set", named, "--set", "load=0.5"})["offered_per_s"].get<double>(),
              800, 1);
  const std::string report = refusal({path, "--set", "traces-folder=/nowhere"});
  EXPECT_NE(report.find("/nowhere/social/posts_persec.csv: no such file"), std::string::npos);
  EXPECT_NE(report.find("try     traces-folder with"), std::string::npos) << report;
}

TEST_F(SimulateCommand, RunsTheScenariosOfTheRepository) {
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SCENARIOS_DIR)) {
    if (!entry.is_regular_file()) continue;
    const auto json = result({entry.path().string(), "--policy", "join_fastest_idle_local", "--set",
                              "duration=2s", "--set", "warm-up=1s"});
    EXPECT_GT(json["tasks"]["completed"], 100) << entry.path();
  }
}

TEST_F(SimulateCommand, CountsWhatADeadNodeTakesAlong) {
  const std::string path = scenario(kSmall);
  const std::vector<std::string> dying{path,         "--policy", "round_robin",   "--set",
                                       "death=2@2s", "--set",    "drain-limit=3s"};
  const auto rerun = result(dying);
  EXPECT_TRUE(rerun["gave_up"]);
  EXPECT_EQ(rerun["tasks"]["lost"], 0) << "its tasks run again elsewhere";
  EXPECT_GT(rerun["tasks"]["reissued"], 0);
  std::vector<std::string> waiting = dying;
  waiting.insert(waiting.end(), {"--set", "suspect-after=off"});
  const auto json = result(waiting);
  EXPECT_TRUE(json["gave_up"]);
  const auto& tasks = json["tasks"];
  EXPECT_GT(tasks["lost"], 100);
  EXPECT_EQ(tasks["submitted"].get<int>(),
            tasks["completed"].get<int>() + tasks["failed"].get<int>() +
                tasks["dropped"].get<int>() + tasks["lost"].get<int>());
}

TEST_F(SimulateCommand, CountsWhatCapacityCosts) {
  const std::string path = scenario(kSmall);
  const auto cost = [&](const std::vector<std::string>& settings) {
    std::vector<std::string> arguments{path};
    for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    return result(arguments)["capacity_cost"];
  };
  const auto whole = cost({"load=0.3"});
  EXPECT_NEAR(whole["core_s"].get<double>(), 4 * whole["node_s"].get<double>(), 1e-6);
  // Two nodes are off after the warm-up, one of them for a second of two.
  const auto less = cost({"load=0.3", "park=3@0s,2@1s+0.5s", "node-warm-up=0.5s"});
  EXPECT_NEAR(less["node_s"].get<double>() / whole["node_s"].get<double>(), 0.7, 0.06);
}

TEST_F(SimulateCommand, ParksWhatTheLoadDoesNotNeedWhereItIsTold) {
  const std::string path = scenario(
      "emulate = nodes=4x1*4;work_ms=50\n"
      "stream = finance:poisson\n"
      "stream = iot:poisson\n"
      "load = 0.3\n"
      "duration = 40s\n"
      "warm-up = 15s\n"
      "dispatchers = 2\n"
      "node-warm-up = 1s\n");
  const auto fixed = result({path});
  for (const std::vector<std::string>& setting :
       {std::vector<std::string>{"--set", "capacity=reactive"},
        {"--set", "capacity=forecast"},
        {"--set", "capacity=perfect"}}) {
    std::vector<std::string> arguments{path};
    arguments.insert(arguments.end(), setting.begin(), setting.end());
    const auto planned = result(arguments);
    EXPECT_EQ(planned["tasks"]["completed"], fixed["tasks"]["completed"]);
    EXPECT_EQ(planned["digest"], fixed["digest"]) << "the same tasks with the same results";
    EXPECT_LT(planned["capacity_cost"]["core_s"].get<double>(),
              0.85 * fixed["capacity_cost"]["core_s"].get<double>());
  }
}

TEST_F(SimulateCommand, RefusesWhatTheWorldCannotBe) {
  const std::string path = scenario(kSmall);
  const auto expect = [&](const std::string& setting, const std::string& named) {
    const std::string report = refusal({path, "--set", setting});
    EXPECT_NE(report.find(named), std::string::npos) << setting << "\n" << report;
  };
  expect("stop=3@20s", "RANKS@TIME+TIME");
  expect("stop=4@1s+1s", "0 to 3");
  expect("stop=1@1s+0s", "above zero");
  expect("stop=1@1s+2s,0-1@2s+1s", "overlap");
  expect("death=2@1s+1s", "RANKS@TIME");
  expect("park=0-3@0s", "no node is there");
  expect("park=0-2@0s,3@1s", "no node is there");
  expect("park=1@0s+1s,1@3s", "warm again");
  expect("capacity=most", "fixed, reactive, forecast or");
  expect("slow-link=3x0.5", "from 1 to 1000000");
  expect("slow-link=3x2,3x4", "once");
  expect("slow-link=cluster1x2", "0 to 0");
  expect("lost-reports=1.5", "from 0 to 1");
  expect("delayed-messages=often", "from 0 to 1");
  expect("mean-delay=-1s", "from 0 to 1e+06");
  expect("uplink=3mb", "GB/s");
  expect("latency-far=1y", "us");
  expect("ranks-per-host=0", "from 1");
  expect("interference.beta=-1", "from 0 to 1000000");
  expect("speed_step=1x1@3", "0 to 0");
}

TEST_F(SimulateCommand, ParksEitherAtSetTimesOrByNeed) {
  const std::string report =
      refusal({scenario(kSmall), "--set", "park=3@0s", "--set", "capacity=reactive"});
  EXPECT_NE(report.find("parked at set times and by need"), std::string::npos) << report;
}

// Tasks would have nowhere to go.
TEST_F(SimulateCommand, RefusesToParkAllThatADedicatedCoordinatorHas) {
  const std::string path = scenario(kSmall);
  const auto refused = [&](const std::string& nodes, const std::string& cluster_size,
                           const std::string& parked) {
    return refusal({path, "--policy", "tree", "--set", "emulate=" + nodes, "--set",
                    "cluster-size=" + cluster_size, "--set", "coordinators=dedicated", "--set",
                    "park=" + parked});
  };
  for (const std::string& report :
       {refused("nodes=4x1*2", "2", "1@0s"), refused("nodes=4x1*8", "4", "1-3@0s,5-7@0s")}) {
    EXPECT_NE(report.find("all ranks that run tasks are parked"), std::string::npos) << report;
  }
  EXPECT_EQ(refused("nodes=4x1*8;work_ms=10", "4", "1-3@0s,5-6@0s"), kNothingRefused);
}

TEST_F(SimulateCommand, CountsNoWorkersWhereARankOnlyCoordinates) {
  const auto json =
      result({scenario(kSmall), "--policy", "tree", "--set", "emulate=nodes=4x1*4;work_ms=10",
              "--set", "cluster-size=2", "--set", "coordinators=dedicated", "--set", "load=0.5"});
  int workers = 0;
  double busy = 0;
  for (const auto& node : json["nodes"]) {
    workers += node["workers"].get<int>();
    busy += node["workers"].get<int>() * node["utilization"].get<double>();
  }
  EXPECT_EQ(workers, 8);
  EXPECT_NEAR(json["utilization"].get<double>(), busy / 8, 1e-9);
  EXPECT_NEAR(json["utilization"].get<double>(), 0.5, 0.2) << "a load of the nodes that work";
}

TEST_F(SimulateCommand, EndsARunWhoseNetworkCannotCarryIt) {
  const std::string path = scenario(kSmall);
  for (const std::string setting : {"bandwidth=1", "latency=1000000s"}) {
    testing::internal::CaptureStderr();
    const auto json = result({path, "--set", setting, "--set", "suspect-after=off"});
    const std::string warning = testing::internal::GetCapturedStderr();
    EXPECT_NE(warning.find("the network cannot carry"), std::string::npos) << setting << warning;
    EXPECT_TRUE(json["jammed"]) << setting;
    const auto& tasks = json["tasks"];
    EXPECT_GT(tasks["lost"], 0);
    EXPECT_EQ(tasks["submitted"].get<int>(),
              tasks["completed"].get<int>() + tasks["lost"].get<int>());
  }
  EXPECT_FALSE(result({path, "--set", "latency=50ms"})["jammed"]);
}

TEST_F(SimulateCommand, SaysHowFarItIsAndTakesItAwayBeforeTheResult) {
  const std::string path = scenario(kSmall);
  for (const auto& [option, is_said] : {std::pair("--progress", true), {"--quiet", false}}) {
    testing::internal::CaptureStderr();
    (void)result({path, option});
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(said.find(" s simulated, ") != std::string::npos, is_said) << said;
    EXPECT_EQ(said.ends_with("\r\033[K"), is_said) << said;
  }
}

TEST_F(SimulateCommand, RecordsWhatWeirRunRecords) {
  const ScratchFolder folder;
  const std::string record = (folder / "run.h5").string();
  const auto json = result({scenario(kSmall), "--record", record, "--record-placements"});
  const RecordReader reader(record);
  ASSERT_EQ(reader.ranks().size(), 4u);
  std::uint64_t tasks = 0, responses = 0;
  double latest_s = 0;
  for (const RankId rank : reader.ranks()) {
    const std::string part = part_of(rank);
    for (const double arrival_s : reader.column<double>(part, "tasks", "arrival_s")) {
      ++tasks;
      latest_s = std::max(latest_s, arrival_s);
    }
    for (const auto count : reader.column<std::uint64_t>(part, "response_histogram", "count")) {
      responses += count;
    }
    // Four rows a second of every node, homes or not.
    EXPECT_GE(reader.column<double>(part, "telemetry", "time_s").size(), 10u);
    EXPECT_EQ(reader.column<std::uint64_t>(part, "placements", "id").size() * 4,
              reader.column<std::int32_t>(part, "candidates", "node").size());
    for (const TableInfo& table : reader.tables(part)) EXPECT_EQ(table.dropped_rows, 0u);
  }
  EXPECT_EQ(tasks, responses);
  // Those of the warm-up too.
  EXPECT_NEAR(static_cast<double>(tasks), 3360, 300);
  EXPECT_GT(tasks, json["tasks"]["completed"].get<std::uint64_t>());
  // World time: clocks that differ by up to a second do not show.
  EXPECT_LT(latest_s, 3);
  EXPECT_GT(latest_s, 2.9);
  EXPECT_EQ(std::get<std::string>(reader.attributes().at("option_warm-up")), "1s");
}

// Of every policy: one that the observer does not pass a call on to would act otherwise.
TEST_F(SimulateCommand, GivesTheSameResultWhetherRecordedOrNot) {
  const ScratchFolder folder;
  const std::string path = scenario(kSmall);
  for (const PolicyInfo& info : policy_catalogue()) {
    const std::string policy(info.name);
    EXPECT_EQ(result({path, "--policy", policy, "--record", (folder / "run.h5").string(),
                      "--record-placements"}),
              result({path, "--policy", policy}))
        << policy;
  }
}

TEST_F(SimulateCommand, LeavesNothingOfARecordThatCannotBeWritten) {
  const ScratchFolder folder;
  const std::string path = scenario(kSmall);
  EXPECT_NE(refusal({path, "--record", "/no/such/folder/run.h5"}).find("/no/such/folder"),
            std::string::npos);
  std::ofstream(folder / "mine.h5") << "mine";
  EXPECT_NE(refusal({path, "--record", (folder / "mine.h5").string()}).find("no run file"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--set", "record=x.h5"}).find("record=x.h5"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / ""), {}), 1);
}

TEST_F(SimulateCommand, RefusesMoreNodesThanMemoryHolds) {
  const std::string report = refusal({scenario(kSmall), "--set", "emulate=nodes=1x1*1000000"});
  EXPECT_NE(report.find("1000000 nodes, about 130 GB"), std::string::npos) << report;
  EXPECT_NE(report.find("a node takes about 130 KB"), std::string::npos) << report;
}

TEST_F(SimulateCommand, RefusesWhatItCannotUse) {
  const std::string path = scenario(kSmall);
  EXPECT_NE(refusal({"/no/such/scenario.ini"}).find("/no/such/scenario.ini"), std::string::npos);
  EXPECT_NE(refusal({"/tmp"}).find("cannot be read"), std::string::npos);
  for (const char* setting : {"load=11",
                              "load=-0.5",
                              "load=0",
                              "emulate=nodes=0x1*4",
                              "deadline.weather=1s",
                              "deadline.finance=-1s",
                              "profile=0s:1,5s:2,3s:1",
                              "profile=",
                              "share.finance=1.5",
                              "share.social=0.5",
                              "max-in-flight=0",
                              "overflow=lose",
                              "queue-order=lifo",
                              "queue-order.finance=lifo",
                              "queue-order.weather=fifo",
                              "drop-late=maybe",
                              "warm-up=3s",
                              "duration=-1s",
                              "colour=blue",
                              "colour.finance=blue"}) {
    const std::string report = refusal({path, "--set", setting});
    EXPECT_NE(report.find("\n  found "), std::string::npos) << setting << ": " << report;
    EXPECT_NE(report.find("\n  needed "), std::string::npos) << setting;
  }
  EXPECT_NE(refusal({"/tmp"}).find("a folder"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "load"}).find("NAME=VALUE"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "lod=3"}).find("lod"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "latency=-1ms"}).find("latency"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "bandwidth=fast"}).find("GB/s"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "dispatchers=5"}).find("at most 4"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "workers=5"}).find("workers"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "best"}).find("best"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two:d=1"}).find("whole number from 2"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two:e=1"}).find("no parameter 'e'"),
            std::string::npos);
  EXPECT_NE(refusal({scenario("load = 0.5\nstream = finance\n")}).find("emulate"),
            std::string::npos);
  EXPECT_NE(refusal({scenario("load 0.5\n")}).find("a line that is no setting"), std::string::npos);
}

TEST_F(SimulateCommand, PlansForTheArrivalsThatItIsToldTo) {
  const std::string path = scenario(std::string(kSmall) + "policy = lp_shares\n");
  const auto planned = [&](const std::string& demand) {
    return result({path, "--set", "duration=40s", "--plan-demand", demand});
  };
  auto plain = result({path, "--set", "duration=40s"});
  EXPECT_EQ(plain["plan_demand"], (nlohmann::json{{"by", "measured"}}));
  EXPECT_EQ(planned("measured"), plain);
  const auto forecast = planned("forecast");
  const auto perfect = planned("perfect");
  for (const auto& json : {forecast, perfect}) {
    // After half a minute.
    EXPECT_GT(json["plan_demand"]["foretold"], 0);
    EXPECT_GT(json["plan_demand"]["plans"], 2 * json["plan_demand"]["foretold"].get<int>());
    EXPECT_NE(json["response_ms"], plain["response_ms"]);
    EXPECT_EQ(json["digest"], plain["digest"]);
  }
  EXPECT_EQ(forecast["plan_demand"]["by"], "forecast");
  EXPECT_EQ(perfect["plan_demand"]["by"], "perfect");
  EXPECT_NE(forecast["response_ms"], perfect["response_ms"]);
}

}  // namespace
}  // namespace weir
