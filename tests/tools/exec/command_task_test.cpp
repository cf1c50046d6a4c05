#include "tools/exec/command_task.hpp"

#include <gtest/gtest.h>

#include "tests/tools/exec/command_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(CommandTask, ArrivesAsItWasSent) {
  const CommandTask sent{7, true, {"echo 'a\nb' größe", ""}};
  const auto got = decode_command_task(encode(sent));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->number, 7);
  EXPECT_TRUE(got->for_shell);
  EXPECT_EQ(got->words, sent.words);
}

TEST(CommandTask, IsNothingElse) {
  Bytes bytes = encode(CommandTask{7, true, {"echo"}});
  bytes.pop_back();
  EXPECT_FALSE(decode_command_task(bytes).has_value());
  EXPECT_FALSE(decode_command_task({}).has_value());
}

TEST(CommandEnd, ArrivesAsItWasSent) {
  CommandEnd sent = end_with(std::string_view("out\0put", 7), "errors");
  sent.output.kept_file = "/tmp/kept";
  sent.output.total = 1'000'000'000'000;
  sent.started_at_s = 1.75e9;
  sent.took = 3s;
  sent.child = {.exit_code = 3,
                .signal = 9,
                .ended_by = EndedBy::kTimeLimit,
                .user_time = 1s,
                .system_time = 2s,
                .most_resident_bytes = 4096};
  const auto got = decode_command_end(encode(sent));
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->ran);
  EXPECT_EQ(got->output.head, sent.output.head);
  EXPECT_EQ(got->output.kept_file, "/tmp/kept");
  EXPECT_EQ(got->output.total, sent.output.total);
  EXPECT_EQ(text_of(got->errors.head), "errors");
  EXPECT_EQ(got->started_at_s, sent.started_at_s);
  EXPECT_EQ(got->took, 3s);
  EXPECT_EQ(got->child.exit_code, 3);
  EXPECT_EQ(got->child.signal, 9);
  EXPECT_EQ(got->child.ended_by, EndedBy::kTimeLimit);
  EXPECT_EQ(got->child.user_time, 1s);
  EXPECT_EQ(got->child.system_time, 2s);
  EXPECT_EQ(got->child.most_resident_bytes, 4096);
}

TEST(CommandEnd, IsNoTextOfAnError) {
  const ChildOutput text = output_of("std::runtime_error: the disk is full, and so am I");
  EXPECT_FALSE(decode_command_end(text.head).has_value());
}

TEST(CommandEnd, HasFailedByExitCodeOrSignal) {
  CommandEnd end = end_with("");
  EXPECT_FALSE(end.failed());
  end.child.exit_code = 1;
  EXPECT_TRUE(end.failed());
  end.child = {.signal = 15};
  EXPECT_TRUE(end.failed());
  end.child = {.ended_by = EndedBy::kTimeLimit};
  EXPECT_TRUE(end.failed()) << "whatever it said when it was told to end";
}

}  // namespace
}  // namespace weir
