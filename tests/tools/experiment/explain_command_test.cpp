#include "tools/experiment/explain_command.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/command_runs.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/experiment/placement_ranking.hpp"
#include "tools/experiment/recorded_task.hpp"
#include "tools/simulate/simulate_command.hpp"

namespace weir {
namespace {

constexpr const char* kSmall =
    "emulate = nodes=4x1*3,4x2*1;work_ms=10\n"
    "stream = finance:poisson\n"
    "stream = iot:poisson\n"
    "load = 0.8\n"
    "duration = 3s\n"
    "warm-up = 1s\n"
    "dispatchers = 2\n";

class ExplainCommand : public testing::Test {
 protected:
  ExplainCommand() { std::ofstream(folder_ / "small.ini") << kSmall; }

  void simulate(std::vector<std::string> more) const {
    std::vector<std::string> arguments{(folder_ / "small.ini").string(), "--record", record_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    printed_by(simulate_command, arguments);
  }
  std::string explained(const std::string& task) const {
    return printed_by(explain_command, {record_, "--task", task});
  }
  static std::string refusal(const std::vector<std::string>& arguments) {
    return refused_by(explain_command, arguments);
  }

  ScratchFolder folder_;
  std::string record_ = (folder_ / "run.h5").string();
};

TEST_F(ExplainCommand, TellsTheAlternativesTheChoiceAndTheEnd) {
  simulate({"--record-placements", "--policy", "least_outstanding"});
  const std::string text = explained("1:40");
  EXPECT_NE(text.find("index 40 of iot:poisson, class iot"), std::string::npos) << text;
  EXPECT_NE(text.find("least_outstanding: the node with the fewest"), std::string::npos);
  EXPECT_NE(text.find("by a home that is one of D = 2"), std::string::npos);
  EXPECT_NE(text.find("(own + 1) x 1/speed/cores: the chosen node (*) was 1 of 4"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("done after"), std::string::npos);
  EXPECT_EQ(text, explained(std::to_string((std::uint64_t{1} << 48) + 40)));
}

TEST_F(ExplainCommand, TellsWhyQueuedTasksMovedAndWhatBecameOfIt) {
  simulate({"--policy", "local", "--set", "migration=on", "--set", "dispatchers=1"});
  const std::string text = printed_by(explain_command, {record_, "--move", "0"});
  for (const char* part :
       {"decided on rank 0", "by the coordinator of level 1", "node 0 was ordered to offer",
        "0 from", " to ", "expected wait there", "of which none was measured yet", "moved, ",
        "from the offer to its answer"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  }
  const std::string sixth = printed_by(explain_command, {record_, "--move", "0:5"});
  EXPECT_NE(sixth.find("as measured so far"), std::string::npos) << sixth;
}

TEST_F(ExplainCommand, RefusesMovesThatAreNotThere) {
  simulate({"--policy", "local", "--set", "migration=on", "--set", "dispatchers=1"});
  EXPECT_NE(refusal({record_, "--move", "1000000"}).find("a number from 0 to"), std::string::npos);
  EXPECT_NE(refusal({record_, "--move", "1:0"}).find("rank 1 decided none"), std::string::npos);
  EXPECT_NE(refusal({record_, "--move", "99:0"}).find("a rank of it"), std::string::npos);
  EXPECT_NE(refusal({record_, "--move", "first"}).find("no number of a move"), std::string::npos);
  EXPECT_NE(refusal({record_, "--move", "0", "--task", "0:1"}).find("one of them"),
            std::string::npos);
  simulate({"--policy", "local"});
  EXPECT_NE(refusal({record_, "--move", "0"}).find("nothing tells why"), std::string::npos);
}

// Those of which the record holds all that decides, with parameters that are not standard ones.
std::vector<std::string> rules_that_the_record_tells() {
  std::vector<std::string> names;
  for (const PolicyInfo& info : policy_catalogue()) {
    const std::string name(info.name);
    if (!explanation_of(name)->not_recorded.empty()) continue;
    names.push_back(name);
    for (const PolicyParameter& parameter : policy_parameters(name)) {
      const double other = parameter.whole && parameter.standard == parameter.most ? parameter.least
                                                                                   : parameter.most;
      const std::string changed =
          name + ":" + std::string(parameter.name) + "=" + std::to_string(other);
      if (explanation_of(changed)->not_recorded.empty()) names.push_back(changed);
    }
  }
  // No node here has so few cores that idle tokens are used.
  names.emplace_back("join_fastest_idle_local:margin=0.8");
  names.emplace_back("join_fastest_idle_local_class_aware");
  return names;
}

// What was recorded is what the rules saw: recomputed from it, every choice comes out again.
TEST_F(ExplainCommand, FindsTheChosenNodeFirstByWhatTheRuleMinimizes) {
  const std::vector<std::string> names = rules_that_the_record_tells();
  ASSERT_GE(names.size(), 12u);
  for (const std::string& policy : names) {
    simulate({"--record-placements", "--policy", policy, "--set", "duration=0.5s", "--set",
              "warm-up=0s"});
    const RecordReader record(record_);
    const auto rule = explanation_of(policy_of(record));
    ASSERT_TRUE(rule) << policy;
    int placements = 0;
    for (std::uint64_t index = 0; index < 40; ++index) {
      const auto task = find_task(record, make_task_id(StreamId(0), index));
      ASSERT_TRUE(task) << index;
      ASSERT_EQ(task->placements.size(), 1u);
      const RecordedPlacement& placement = task->placements.front();
      ASSERT_EQ(placement.nodes.size(), 4u);
      const std::size_t first = ranking_of(placement, rule->quantities).front();
      EXPECT_EQ(placement.nodes[first].view.rank, placement.chosen) << policy << " task " << index;
      ++placements;
      ASSERT_TRUE(task->end);
      EXPECT_NEAR(task->end->arrival_s, placement.time_s, 0.01);
    }
    EXPECT_EQ(placements, 40);
  }
}

// By class limits that nodes have found, and deadlines.
TEST_F(ExplainCommand, FindsTheNodeThatTheTreeChoseFirstByItsCost) {
  simulate({"--record-placements", "--policy", "tree", "--set", "nodes=16x1*4", "--set",
            "interference_beta=2", "--set", "interference_classes=0", "--set",
            "interference_share=0.35", "--set", "deadline.finance=30ms", "--set", "cluster-size=2",
            "--set", "load=0.6", "--set", "duration=4s"});
  const RecordReader record(record_);
  const auto rule = explanation_of(policy_of(record));
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->not_recorded, "");
  bool was_limited = false;
  for (std::uint64_t index = 6000; index < 6100; ++index) {
    const auto task = find_task(record, make_task_id(StreamId(0), index));
    ASSERT_TRUE(task) << index;
    const RecordedPlacement& placement = task->placements.front();
    const std::size_t first = ranking_of(placement, rule->quantities).front();
    EXPECT_EQ(placement.nodes[first].view.rank, placement.chosen) << "task " << index;
    EXPECT_NE(placement.slack, Duration::max());
    for (const RecordedNode& node : placement.nodes) {
      was_limited |= node.view.classes[placement.task_class.value()].limit > 0;
    }
  }
  EXPECT_TRUE(was_limited) << "no node has found a limit, so that this tests little";
}

TEST_F(ExplainCommand, TellsOfATaskThatWasDropped) {
  simulate({"--record-placements", "--policy", "tree", "--set", "load=1.5", "--set",
            "max-in-flight=20", "--set", "overflow=drop"});
  const RecordReader record(record_);
  std::uint64_t index = 0;
  while (!find_task(record, make_task_id(StreamId(0), index))->end->dropped) ++index;
  const std::string text = explained("0:" + std::to_string(index));
  EXPECT_NE(text.find("was dropped, for its home had no room for it"), std::string::npos) << text;
}

TEST_F(ExplainCommand, RefusesWhatItCannotExplain) {
  EXPECT_NE(refusal({}).find("no run file"), std::string::npos);
  EXPECT_NE(refusal({record_}).find("no task"), std::string::npos);
  EXPECT_NE(refusal({record_, "--task", "1"}).find("run.h5"), std::string::npos);
  simulate({});
  EXPECT_NE(refusal({record_, "--task", "1"}).find("--record-placements"), std::string::npos);
  simulate({"--record-placements", "--record-share", "0.5"});
  EXPECT_NE(refusal({record_, "--task", "0:99999999"}).find("0:99999999"), std::string::npos);
  for (const std::string id : {"", "x", "-1", "1:", ":1", "70000:1", "1:999999999999999999"}) {
    EXPECT_NE(refusal({record_, "--task", id}).find("no id of a task"), std::string::npos) << id;
  }
  std::ofstream(folder_ / "noise.h5") << "noise";
  EXPECT_NE(refusal({(folder_ / "noise.h5").string(), "--task", "1"}).find("noise.h5"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
