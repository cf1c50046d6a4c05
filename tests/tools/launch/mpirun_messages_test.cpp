#include "tools/launch/mpirun_messages.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

const std::string kFrame = std::string(74, '-') + "\n";

std::string framed(const std::string& message) { return kFrame + message + kFrame; }

const std::string kNoComponent = framed(
    "A requested component was not found, or was unable to be opened.  This\nmeans that.\n\n"
    "Host:      vm\nFramework: btl\nComponent: nonsense\n");
const std::string kInitFailed = framed("It looks like MPI_INIT failed for some reason; your\n");
const std::string kRankFailed =
    framed("Primary job  terminated normally, but 1 process returned\n");

TEST(MpirunMessages, AreKeptFromWhatTheRanksSayHoweverThePiecesAreCut) {
  const std::string all = "weir-run: warning: - one\n[a] tag\n" + kRankFailed + "\r12 s  5 done" +
                          kRankFailed + "[vm:17] *** An error occurred\n" +
                          "mpirun: Forwarding signal 23 to job\n" +
                          "[weir-launch-17] weir-run: exit code 0\nlast - ";
  for (std::size_t piece_bytes : {std::size_t{1}, std::size_t{7}, all.size()}) {
    MpirunMessages messages;
    std::string shown;
    for (std::size_t at = 0; at < all.size(); at += piece_bytes)
      shown += messages.pass(all.substr(at, piece_bytes));
    shown += messages.rest();
    EXPECT_EQ(shown, "weir-run: warning: - one\n[a] tag\n\r12 s  5 donelast - ");
  }
}

TEST(MpirunMessages, TellWhyNothingWasStarted) {
  MpirunMessages messages;
  messages.pass(kNoComponent + kInitFailed);
  EXPECT_EQ(messages.start_failure(),
            "A requested component was not found, or was unable to be opened, Host: vm, "
            "Framework: btl, Component: nonsense");
}

TEST(MpirunMessages, TellThatNothingWasStartedEvenWhenMostOfThemAreLost) {
  MpirunMessages reason_alone;
  reason_alone.pass(kNoComponent);
  EXPECT_NE(reason_alone.start_failure(), std::nullopt);
  MpirunMessages note_alone;
  note_alone.pass("[vm:17] *** An error occurred in MPI_Init_thread\n");
  EXPECT_EQ(note_alone.start_failure(), "an error in MPI_Init");
}

TEST(MpirunMessages, DoNotTakeAJobThatRanForOneThatDidNot) {
  MpirunMessages messages;
  messages.pass(kNoComponent + kRankFailed);
  EXPECT_EQ(messages.start_failure(), std::nullopt);
}

TEST(MpirunMessages, ShowAnUnfinishedMessageAtTheEnd) {
  MpirunMessages messages;
  EXPECT_EQ(messages.pass(kFrame + "half a mess"), "");
  EXPECT_EQ(messages.rest(), "half a mess");
}

}  // namespace
}  // namespace weir
