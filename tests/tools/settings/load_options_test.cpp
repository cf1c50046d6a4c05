#include "tools/settings/load_options.hpp"

#include <gtest/gtest.h>

#include <array>

#include "runtime/base/error.hpp"
#include "tests/support/refusal.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

RunOptions parsed(std::vector<std::string> arguments) {
  arguments.emplace_back("--stream=finance");
  return parse_run_options(arguments, {});
}

std::string refusal_of(const std::string& argument) {
  return refusal([&] { parsed({argument}); });
}

TEST(LoadOptions, StandsForPlainLoadUnlessToldOtherwise) {
  const LoadOptions loads = parsed({}).loads;
  EXPECT_TRUE(loads.profiles.empty());
  EXPECT_TRUE(loads.shares.empty());
  EXPECT_TRUE(loads.deadlines.empty());
  EXPECT_EQ(loads.queue.order, QueueOrder::kFifo);
  EXPECT_FALSE(loads.queue.drop_late);
  EXPECT_FALSE(loads.size_hints);
  EXPECT_FALSE(loads.max_in_flight);
  EXPECT_EQ(loads.overflow, Overflow::kWait);
}

TEST(LoadOptions, AreReadClassByClass) {
  const LoadOptions loads =
      parsed({"--deadline=finance=200ms", "--deadline=iot=2s", "--share", "social=0.25",
              "--priority=iot=7", "--profile=0s:1,9s:2", "--profile=iot=0s:2..9s:1"})
          .loads;
  EXPECT_EQ(loads.deadlines.at("finance"), 200ms);
  EXPECT_EQ(loads.deadlines.at("iot"), 2s);
  EXPECT_EQ(loads.shares.at("social"), 0.25);
  EXPECT_EQ(loads.priorities.at("iot"), 7);
  EXPECT_EQ(loads.profiles.at(""), "0s:1,9s:2");
  EXPECT_EQ(loads.profiles.at("iot"), "0s:2..9s:1");
}

TEST(LoadOptions, GiveAClassAnOrderOfItsOwn) {
  const QueueOptions queue = parsed({"--queue-order=earliest_deadline", "--queue-order=iot=fifo",
                                     "--queue-order", "finance=shortest_first"})
                                 .loads.queue;
  EXPECT_EQ(queue.order, QueueOrder::kEarliestDeadline);
  EXPECT_EQ(queue.class_orders[0], QueueOrder::kShortestFirst) << "finance is class 0";
  EXPECT_EQ(queue.class_orders[1], QueueOrder::kFifo) << "iot is class 1";
  EXPECT_FALSE(queue.class_orders[2]) << "social has the common order";
}

TEST(LoadOptions, ChooseOrderAndAdmission) {
  const LoadOptions loads = parsed({"--queue-order=shortest_first", "--size-hints",
                                    "--drop-late=true", "--max-in-flight=12", "--overflow", "drop"})
                                .loads;
  EXPECT_EQ(loads.queue.order, QueueOrder::kShortestFirst);
  EXPECT_TRUE(loads.queue.drop_late);
  EXPECT_TRUE(loads.size_hints);
  EXPECT_EQ(loads.max_in_flight, 12U);
  EXPECT_EQ(loads.overflow, Overflow::kDrop);
}

TEST(LoadOptions, ChooseWhatNodesDecideByThemselves) {
  const auto parts = [](const std::string& value) {
    const NodeControlOptions control =
        parsed({"--node-control=" + value}).loads.node_control.value();
    return std::array{control.limits, control.regime, control.shares};
  };
  EXPECT_EQ(parts("off"), (std::array{false, false, false}));
  EXPECT_EQ(parts("on"), (std::array{true, true, true}));
  EXPECT_EQ(parts("regime"), (std::array{false, true, false}));
  EXPECT_EQ(parts("shares+limits"), (std::array{true, false, true}));
}

TEST(LoadOptions, SayAfterWhichSilenceANodeIsSuspected) {
  EXPECT_EQ(parsed({}).loads.suspicion.after, 2s);
  EXPECT_EQ(parsed({"--suspect-after=1500ms"}).loads.suspicion.after, 1500ms);
  EXPECT_EQ(parsed({"--suspect-after=off"}).loads.suspicion.after, 0s);
}

TEST(LoadOptions, GiveThemselvesAgainAsText) {
  std::vector<std::string> arguments;
  const RunOptions first = parsed(
      {"--deadline=iot=250ms", "--share=finance=1", "--priority=social=3",
       "--profile=0s:0.5,1min:1", "--queue-order=earliest_deadline", "--queue-order=social=fifo",
       "--drop-late", "--size-hints", "--max-in-flight=9", "--overflow=drop",
       "--node-control=limits+shares", "--migration=off", "--suspect-after=3s"});
  for (const auto& [name, value] : as_text(first.loads)) {
    arguments.push_back("--" + name + "=" + value);
  }
  EXPECT_EQ(as_text(parsed(arguments)), as_text(first));
  EXPECT_EQ(arguments.size(), 13U);
}

TEST(LoadOptions, WarnOfWhatChangesNothing) {
  for (const char* argument :
       {"--drop-late", "--queue-order=earliest_deadline", "--queue-order=shortest_first",
        "--queue-order=iot=earliest_deadline", "--queue-order=iot=shortest_first",
        "--overflow=drop", "--fan-out=4", "--cluster-size=2", "--coordinators=dedicated"}) {
    const auto warnings = parsed({argument, "--policy=random"}).warnings;
    EXPECT_EQ(warnings.size(), 1U) << argument;
  }
  EXPECT_TRUE(parsed({"--fan-out=4"}).warnings.empty()) << "the tree is what runs by default";
}

TEST(LoadOptions, RefuseWhatTheyCannotUse) {
  for (const auto& [argument, part] : std::vector<std::pair<std::string, std::string>>{
           {"--deadline=weather=1s", "one of finance, iot, social"},
           {"--deadline=1s", "CLASS=VALUE"},
           {"--deadline=finance=-1s", "a time from"},
           {"--deadline=finance=", "a time from"},
           {"--priority=finance=256", "from 0 to 255"},
           {"--priority=finance=1.5", "whole number"},
           {"--share=finance=2", "a share of the rate"},
           {"--share=finance=0", "a share of the rate"},
           {"--profile=finance=0s:1,2s:2,1s:1", "goes back in time"},
           {"--profile=weather=0s:1", "one of finance, iot, social"},
           {"--queue-order=random", "fifo, shortest_first, earliest_deadline"},
           {"--queue-order=iot=random", "fifo, shortest_first, earliest_deadline"},
           {"--queue-order=weather=fifo", "one of finance, iot, social"},
           {"--drop-late=perhaps", "true, false"},
           {"--max-in-flight=0", "from 1 to"},
           {"--node-control=maybe", "limits, regime and shares"},
           {"--node-control=limits+limits", "each once"},
           {"--node-control=limits+", "on, off"},
           {"--migration=maybe", "tree, on, off"},
           {"--suspect-after=0.5s", "from 1"},
           {"--suspect-after=never", "or off"},
           {"--overflow=explode", "wait, drop"}}) {
    const std::string report = refusal_of(argument);
    EXPECT_NE(report.find(part), std::string::npos) << argument << ": " << report;
    EXPECT_NE(report.find("\n  try "), std::string::npos) << report;
  }
  EXPECT_THROW(parsed({"--deadline=iot=1s", "--deadline=iot=2s"}), Error);
  EXPECT_THROW(parsed({"--queue-order=iot=fifo", "--queue-order=iot=fifo"}), Error);
  EXPECT_THROW(parsed({"--queue-order=fifo", "--queue-order=shortest_first"}), Error);
}

TEST(LoadOptions, KnowSettingsOfOneClass) {
  EXPECT_TRUE(is_class_setting("deadline.finance"));
  EXPECT_TRUE(is_class_setting("profile.anything"));
  EXPECT_TRUE(is_class_setting("queue-order.iot"));
  EXPECT_FALSE(is_class_setting("deadline"));
  EXPECT_FALSE(is_class_setting("interference.beta"));
}

}  // namespace
}  // namespace weir
