#include "tools/exec/command_feed.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <semaphore>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using Texts = std::vector<std::string>;

class CommandFeedTest : public testing::Test {
 protected:
  Texts all_of(CommandFeed& feed) {
    feed.start([this] { bell_.release(); });
    Texts texts;
    while (!feed.ended()) {
      if (feed.ready()) {
        texts.push_back(feed.take());
      } else {
        bell_.acquire();
      }
    }
    return texts;
  }
  Texts texts_in(const std::string& content, char delimiter = '\n', bool skips_blank = true) {
    CommandFeed feed({folder_.write("list", content), delimiter, skips_blank});
    Texts texts = all_of(feed);
    failure_ = feed.failure();
    EXPECT_EQ(feed.taken(), texts.size());
    return texts;
  }

  const ScratchFolder folder_;
  std::counting_semaphore<> bell_{0};
  std::string failure_;
};

TEST_F(CommandFeedTest, GivesLinesAsTheyAre) {
  EXPECT_EQ(texts_in(" a 'b' \nc\\\nd\r\nlast"), (Texts{" a 'b' ", "c\\", "d\r", "last"}));
  EXPECT_EQ(failure_, "");
}

TEST_F(CommandFeedTest, TakesWhatWindowsAddsOffWhereTheFirstLineHasIt) {
  EXPECT_EQ(texts_in("true\r\necho a\r\n\r\nlast\r"), (Texts{"true", "echo a", "last"}));
  EXPECT_EQ(texts_in("\xef\xbb\xbftrue\r\necho \xef\xbb\xbf\n"),
            (Texts{"true", "echo \xef\xbb\xbf"}));
  EXPECT_EQ(texts_in("\xef\xbb\xbf\r\r\n", '\n', false), (Texts{"\r"}));
  EXPECT_EQ(texts_in(std::string("\xef\xbb\xbf\r\0b\r", 7), '\0', false),
            (Texts{"\xef\xbb\xbf\r", "b\r"}));
}

TEST_F(CommandFeedTest, SkipsBlankLinesOfCommandsButNotOfValues) {
  EXPECT_EQ(texts_in("\n a\n \t\r\n\nb\n\n"), (Texts{" a", "b"}));
  EXPECT_EQ(texts_in("a\n\nb\n", '\n', false), (Texts{"a", "", "b"}));
}

TEST_F(CommandFeedTest, GivesTextsThatEndWithNulBytes) {
  EXPECT_EQ(texts_in(std::string("a\nb\0\0c", 6), '\0', false), (Texts{"a\nb", "", "c"}));
}

TEST_F(CommandFeedTest, GivesManyLinesInTheirOrderHoweverFarItIsAhead) {
  // More than it may hold at once.
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += "echo " + std::to_string(i) + '\n';
  const Texts texts = texts_in(content);
  ASSERT_EQ(texts.size(), 300'000);
  for (int i = 0; i < 300'000; i += 999) EXPECT_EQ(texts[i], "echo " + std::to_string(i));
}

TEST_F(CommandFeedTest, KnowsHowManyThereAreOnceAllAreRead) {
  CommandFeed values(Texts{"a", "b", "c"});
  EXPECT_EQ(values.expected_count(), 3);
  CommandFeed list({.path = folder_.write("list", "a\nb\n")});
  all_of(list);
  EXPECT_EQ(list.expected_count(), 2);
}

TEST_F(CommandFeedTest, GivesWhatAStreamHoldsBeforeItEnds) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int keeper = ::open(pipe.c_str(), O_RDWR);
  CommandFeed feed({.path = pipe});
  feed.start([this] { bell_.release(); });
  EXPECT_FALSE(feed.ready());
  EXPECT_FALSE(feed.ended());
  EXPECT_EQ(feed.expected_count(), std::nullopt);
  ASSERT_EQ(::write(keeper, "one\ntw", 6), 6);
  bell_.acquire();
  ASSERT_TRUE(feed.ready());
  EXPECT_EQ(feed.take(), "one");
  EXPECT_FALSE(feed.ready());
  ::close(keeper);
  bell_.acquire();
  while (!feed.ready()) bell_.acquire();
  EXPECT_EQ(feed.take(), "tw");
}

TEST_F(CommandFeedTest, MayBeLeftWhileItWaitsForAStream) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int keeper = ::open(pipe.c_str(), O_RDWR);
  {
    CommandFeed feed({.path = pipe});
    feed.start([] {});
  }
  ::close(keeper);
}

TEST_F(CommandFeedTest, EndsWithAReasonAtWhatIsNoText) {
  EXPECT_EQ(texts_in(std::string("fine\nnot\0fine\nmore\n", 19)), (Texts{"fine"}));
  EXPECT_NE(failure_.find("line 2: a NUL byte"), std::string::npos) << failure_;
  EXPECT_EQ(texts_in(std::string("fine\nnot\0fine", 13)), (Texts{"fine"})) << "without an end";
  EXPECT_NE(failure_.find("line 2: a NUL byte"), std::string::npos) << failure_;
  const std::string longest(CommandFeed::kMostTextBytes, 'x');
  EXPECT_EQ(texts_in(longest + "\n" + longest + "x\n"), (Texts{longest}));
  EXPECT_NE(failure_.find("line 2: longer than that"), std::string::npos) << failure_;
}

TEST_F(CommandFeedTest, IsRefusedWhatIsNoFile) {
  EXPECT_NE(refusal([this] { CommandFeed({.path = folder_ / "absent"}); }).find("No such file"),
            std::string::npos);
  EXPECT_NE(refusal([this] { CommandFeed({.path = folder_.path()}); }).find("a folder"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
