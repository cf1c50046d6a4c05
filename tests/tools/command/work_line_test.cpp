#include "tools/command/work_line.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <sstream>
#include <string>

namespace weir {
namespace {

using namespace std::chrono_literals;

const WorkLine::Clock::time_point kBegin{1h};

class WorkLines : public testing::Test {
 protected:
  void show(const std::string& text, WorkLine::Clock::duration after) {
    line_->show(
        [&] {
          ++asked_;
          return text;
        },
        kBegin + after);
  }
  void begin(Audience audience) { line_.emplace(audience, "weir-train", out_, kBegin); }

  std::ostringstream out_;
  std::optional<WorkLine> line_;
  int asked_ = 0;
};

TEST_F(WorkLines, AreWrittenOverOnATerminalAndCleared) {
  begin({Audience::Kind::kTerminal, 6});
  show("1/3", 0ms);
  show("2/3, at most", 200ms);
  line_.reset();
  EXPECT_EQ(out_.str(), "\r\033[K1/3\r\033[K2/3, \r\033[K");
}

TEST_F(WorkLines, LeaveATerminalAloneWhereNothingWasShown) {
  begin({Audience::Kind::kTerminal});
  line_.reset();
  EXPECT_EQ(out_.str(), "");
}

TEST_F(WorkLines, AreClearedForOtherTextAndComeAgain) {
  begin({Audience::Kind::kTerminal});
  show("1/3", 0ms);
  line_->clear();
  out_.str("");
  line_->clear();
  EXPECT_EQ(out_.str(), "");
  show("2/3", 1ms);
  EXPECT_EQ(out_.str(), "\r\033[K2/3");
}

TEST_F(WorkLines, OfALogAreLinesEveryHalfMinuteAndNoneOfShortWork) {
  begin({Audience::Kind::kLog});
  for (int second = 0; second < 100; ++second) show(std::to_string(second), second * 1s);
  line_.reset();
  EXPECT_EQ(out_.str(), "weir-train: 30\nweir-train: 60\nweir-train: 90\n");
}

TEST_F(WorkLines, AreNotThereForNobody) {
  begin({Audience::Kind::kNobody});
  show("1/3", 1h);
  line_.reset();
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(asked_, 0);
}

// Else a line would go into whatever file is opened next.
TEST_F(WorkLines, AreForNobodyWhereStandardErrorIsClosed) {
  const int kept = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  ASSERT_GE(kept, 3);
  ::close(STDERR_FILENO);
  const Audience log = audience_of_errors(false, false);
  const Audience terminal = audience_of_errors(false, true);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  EXPECT_EQ(log.kind, Audience::Kind::kNobody);
  EXPECT_EQ(terminal.kind, Audience::Kind::kNobody);
  EXPECT_EQ(audience_of_errors(false, true).kind, Audience::Kind::kTerminal);
  EXPECT_EQ(audience_of_errors(true, true).kind, Audience::Kind::kNobody);
}

}  // namespace
}  // namespace weir
