#include "tools/exec/command_output.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/tools/exec/command_inputs.hpp"

namespace weir {
namespace {

void add(CommandOutput& output, std::uint64_t number, CommandEnd end) {
  output.add(number, "host", end);
}

// What is printed to standard output and error.
template <typename Action>
std::pair<std::string, std::string> printed_by(const Action& action) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  action();
  const std::string out = testing::internal::GetCapturedStdout();
  return {out, testing::internal::GetCapturedStderr()};
}

TEST(PrintedOutput, SendsBothStreamsWhereTheyBelong) {
  PrintedOutput output;
  const auto [out, errors] = printed_by([&] {
    add(output, 2, end_with("b", "x"));
    add(output, 1, end_with("a\n"));
  });
  EXPECT_EQ(out, "ba\n");
  EXPECT_EQ(errors, "x");
  EXPECT_EQ(output.failure(), "");
}

TEST(PrintedOutput, ClearsALineOfProgressWhereItPrintsSomething) {
  PrintedOutput output(true);
  EXPECT_EQ(printed_by([&] {
              add(output, 1, end_with("a\n"));
              add(output, 2, end_with(""));
            }),
            std::make_pair(std::string("a\n"), std::string("\r\033[K")));
}

TEST(PrintedOutput, TakesLongOutputFromItsFileAndRemovesIt) {
  const ScratchFolder folder;
  CommandEnd end = end_with("he");
  end.output.total = 5;
  end.output.kept_file = folder.write("kept", "hello");
  PrintedOutput output;
  EXPECT_EQ(printed_by([&] { add(output, 1, std::move(end)); }).first, "hello");
  EXPECT_TRUE(folder.names().empty());
}

TEST(PrintedOutput, SaysWhereTheRestIsThatItCannotReach) {
  CommandEnd end = end_with("he");
  end.output.total = 5;
  end.output.kept_file = "/no/such/file";
  PrintedOutput output;
  const auto [out, errors] = printed_by([&] { add(output, 1, std::move(end)); });
  EXPECT_EQ(out, "he");
  EXPECT_NE(errors.find("/no/such/file on host"), std::string::npos) << errors;
}

TEST(OrderedOutput, WaitsForThoseBefore) {
  const ScratchFolder folder;
  OrderedOutput output(PrintedOutput(), folder.path());
  EXPECT_EQ(printed_by([&] {
              add(output, 3, end_with("c"));
              add(output, 2, end_with("b"));
            }).first,
            "");
  EXPECT_EQ(printed_by([&] { add(output, 1, end_with("a")); }).first, "abc");
  EXPECT_EQ(printed_by([&] { add(output, 4, end_with("d")); }).first, "d");
}

TEST(OrderedOutput, PrintsWhatIsLeftAtTheEnd) {
  const ScratchFolder folder;
  OrderedOutput output(PrintedOutput(), folder.path());
  EXPECT_EQ(printed_by([&] {
              add(output, 5, end_with("e"));
              add(output, 3, end_with("c"));
              output.finish();
            }).first,
            "ce");
}

TEST(OrderedOutput, HoldsALotInFiles) {
  const ScratchFolder folder;
  OrderedOutput output(PrintedOutput(), folder.path(), 4);
  EXPECT_EQ(printed_by([&] {
              add(output, 2, end_with("22"));
              add(output, 3, end_with("333", "x"));
              add(output, 4, end_with("4"));
              EXPECT_EQ(folder.names().size(), 1);
              add(output, 1, end_with("a much longer one"));
            }),
            std::make_pair(std::string("a much longer one223334"), std::string("x")));
  EXPECT_TRUE(folder.names().empty());
}

TEST(OrderedOutput, HoldsWhatLiesInAFileAlready) {
  const ScratchFolder folder;
  OrderedOutput output(PrintedOutput(), folder.path(), 4);
  CommandEnd end = end_with("hel");
  end.output.total = 5;
  end.output.kept_file = folder.write("kept", "hello");
  EXPECT_EQ(printed_by([&] {
              add(output, 2, end_with("22"));
              add(output, 3, std::move(end));
              add(output, 4, end_with("4"));
              add(output, 1, end_with("1"));
              add(output, 6, end_with("6666"));
              EXPECT_EQ(folder.names().size(), 0) << "what was printed takes no room";
              add(output, 5, end_with("5"));
            }).first,
            "122hello456666");
}

TEST(OrderedOutput, SaysWhatIsHandedOn) {
  const ScratchFolder folder;
  OrderedOutput output(PrintedOutput(), folder.path());
  printed_by([&] {
    add(output, 2, end_with("b"));
    EXPECT_EQ(output.handed_on_below(), 1);
    add(output, 1, end_with("a"));
    EXPECT_EQ(output.handed_on_below(), 3);
    output.leave_out(3);
    EXPECT_EQ(output.handed_on_below(), 4);
  });
}

TEST(IndexedOutput, SaysWhereEachOutputLies) {
  const ScratchFolder folder;
  IndexedOutput output(folder / "all");
  add(output, 2, end_with("bb", "x"));
  add(output, 1, end_with("", "yyy"));
  output.finish();
  EXPECT_EQ(text_of_file(folder / "all"), "bbxyyy");
  EXPECT_EQ(text_of_file(folder / "all.index"),
            "Seq\tOutputAt\tOutputBytes\tErrorsAt\tErrorsBytes\n2\t0\t2\t2\t1\n1\t3\t0\t3\t3\n");
}

TEST(IndexedOutput, NotesAFullDisk) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "all");
  IndexedOutput output(folder / "all");
  add(output, 1, end_with("x"));
  EXPECT_NE(output.failure().find("No space left"), std::string::npos);
}

TEST(IndexedOutput, IsRefusedWhereNoFileCanBe) {
  EXPECT_NE(refusal([] { IndexedOutput("/no/such/folder/all"); }).find("--output"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
