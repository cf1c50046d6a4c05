#include "tools/exec/command_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

namespace weir {
namespace {

using Words = std::vector<std::string>;

TEST(PlainWords, AreThoseOfALineThatNeedsNoShell) {
  EXPECT_EQ(plain_words("/bin/true"), (Words{"/bin/true"}));
  EXPECT_EQ(plain_words("  ./run  -n 3\t--x a_b,c:d@e%f+g "),
            (Words{"./run", "-n", "3", "--x", "a_b,c:d@e%f+g"}));
}

TEST(PlainWords, AreLeftToTheShellWhereItMightDoMore) {
  for (const char* line : {"true",
                           "cd /tmp",
                           "/bin/echo $HOME",
                           "/bin/echo 'a'",
                           "/bin/echo \"a\"",
                           "/bin/echo a\\b",
                           "/bin/a; /bin/b",
                           "/bin/a & ",
                           "/bin/a | /bin/b",
                           "/bin/a > x",
                           "/bin/a < x",
                           "/bin/a *",
                           "/bin/a ?",
                           "/bin/a [x]",
                           "/bin/a ~",
                           "/bin/a # x",
                           "/bin/a (x)",
                           "/bin/a {x,y}",
                           "/bin/a `x`",
                           "/bin/a !x",
                           "A=/bin/x /bin/a",
                           "/bin/a x=~y",
                           "/bin/a gr\xc3\xb6\xc3\x9f",
                           "/bin/a\n/bin/b",
                           "",
                           "   "}) {
    EXPECT_FALSE(plain_words(line).has_value()) << line;
  }
}

TEST(ShellText, GivesAShellJustTheseWords) {
  const Words words{"printf",    "%s|",     "plain", "two words", "it's", "\"", "$HOME", "`x`",
                    "new\nline", "back\\s", "",      "*",         "~",    "#",  "größe"};
  const std::string line = shell_text(words);
  FILE* const shell = ::popen(line.c_str(), "r");
  ASSERT_NE(shell, nullptr);
  std::array<char, 1000> printed{};
  const std::size_t size = std::fread(printed.data(), 1, printed.size(), shell);
  ::pclose(shell);
  std::string expected;
  for (std::size_t i = 2; i < words.size(); ++i) expected += words[i] + "|";
  EXPECT_EQ(std::string(printed.data(), size), expected) << line;
}

TEST(FirstWord, EndsAtABlank) {
  EXPECT_EQ(first_word("  sort -n x"), "sort");
  EXPECT_EQ(first_word("sort"), "sort");
  EXPECT_EQ(first_word(" "), "");
}

}  // namespace
}  // namespace weir
