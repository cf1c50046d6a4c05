#include "tools/run/run_position.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

RunTally empty_tally() { return {1, 1, 3}; }

RunOptions options_of(std::vector<std::string> arguments) {
  return parse_run_options(arguments, {});
}

RunOptions usual_options() { return options_of({"--stream", "iot", "--seed", "5"}); }

RunPosition some_position() {
  RunTally tally = empty_tally();
  for (std::uint32_t i = 0; i < 7; ++i) {
    CompletedTask task;
    task.header.id = make_task_id(StreamId(0), i);
    task.header.task_class = ClassId(0);
    task.node = RankId(2);
    task.response = 3ms * (i + 1);
    task.status = i == 3 ? TaskStatus::kFailed : TaskStatus::kDone;
    tally.add(task, Instant(1s));
  }
  return {.stream_time = 1234567890ns,
          .parts = 2,
          .elapsed_s = 1.5,
          .capacity_per_s = 0.1 + 0.2,  // no short decimal number
          .tally = tally.without_nodes()};
}

std::string some_text() { return text_of(some_position(), usual_options(), {"iot"}); }

std::string refusal_of_text(const std::string& text, const RunOptions& options) {
  return refusal([&] { parse_position(text, "run.position", options, empty_tally()); });
}

TEST(RunPosition, IsReadAsItWasWritten) {
  const RunPosition written = some_position();
  const RunPosition read =
      parse_position(some_text(), "run.position", usual_options(), empty_tally());
  EXPECT_EQ(read.stream_time, written.stream_time);
  EXPECT_EQ(read.parts, written.parts);
  EXPECT_EQ(read.elapsed_s, written.elapsed_s);
  EXPECT_EQ(read.capacity_per_s, written.capacity_per_s);
  EXPECT_EQ(read.tally.done(), 6u);
  EXPECT_EQ(read.tally.failed(), 1u);
  EXPECT_EQ(read.tally.digests(), written.tally.digests());
  EXPECT_EQ(read.tally.response().mean(), written.tally.response().mean());
  EXPECT_EQ(read.tally.response().max(), written.tally.response().max());
}

TEST(RunPosition, FitsRunsThatDifferInMoreThanTheirStreams) {
  const RunOptions options =
      options_of({"--stream", "iot", "--seed", "5", "--policy", "round_robin", "--workers", "1",
                  "--max-in-flight", "9", "--resume", "other", "--record", "run.h5"});
  EXPECT_EQ(refusal_of_text(some_text(), options), kNothingRefused);
}

TEST(RunPosition, IsRefusedForOtherStreams) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--stream", "iot", "--seed", "6"},
           {"--stream", "social", "--seed", "5"},
           {"--stream", "iot", "--seed", "5", "--rate", "401"},
           {"--stream", "iot", "--seed", "5", "--load", "0.5"},
           {"--stream", "iot", "--seed", "5", "--duration", "1min"},
           {"--stream", "iot", "--seed", "5", "--work-scale", "2"},
           {"--stream", "iot", "--seed", "5", "--retries", "1"},
           {"--stream", "iot", "--seed", "5", "--deadline", "iot=1s"},
           {"--stream", "iot", "--seed", "5", "--overflow", "drop"},
           {"--stream", "iot", "--seed", "5", "--isolate", "--inject-crashes", "0.1"},
           {"--stream", "iot", "--seed", "5", "--emulate", "paper50"}}) {
    const std::string said = refusal_of_text(some_text(), options_of(arguments));
    EXPECT_NE(said.find("other streams"), std::string::npos) << said;
    EXPECT_NE(said.find("--seed 5"), std::string::npos) << "what was found: " << said;
  }
}

TEST(RunPosition, IsRefusedWhereTheFileIsAnotherOrTorn) {
  std::string changed = some_text();
  const auto tally = changed.find("\"tally\": \"") + 12;
  changed[tally] = changed[tally] == '0' ? '1' : '0';
  std::string newer = some_text();
  newer.replace(newer.find("\"weir_position\": 1"), 18, "\"weir_position\": 2");
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), std::string("not JSON"),
        some_text().substr(0, some_text().size() / 2), std::string("{\"weir_position\": 1}"),
        changed, newer}) {
    EXPECT_NE(refusal_of_text(text, usual_options()).find("not the position of a run"),
              std::string::npos)
        << text.substr(0, 60);
  }
}

TEST(RunPosition, IsRefusedWhereANumberIsBeyondAllIntegers) {
  std::string text = some_text();
  const auto parts = text.find("\"parts\": ") + 9;
  text.replace(parts, text.find(',', parts) - parts, "3e34");
  EXPECT_NE(refusal_of_text(text, usual_options()).find("3e+34 in place of a whole number"),
            std::string::npos);
}

TEST(RunPosition, IsRefusedWhereStreamsHaveAnotherNumberOfTasksBeforeIt) {
  EXPECT_EQ(refusal([] { refuse_other_count(usual_options(), some_position(), 7); }),
            kNothingRefused);
  const std::string said = refusal([] { refuse_other_count(usual_options(), some_position(), 8); });
  EXPECT_NE(said.find("8 tasks"), std::string::npos) << said;
}

}  // namespace
}  // namespace weir
