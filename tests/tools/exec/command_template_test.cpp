#include "tools/exec/command_template.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using Words = std::vector<std::string>;

TEST(CommandTemplate, PutsTheValueWhereItsPlaceIs) {
  EXPECT_EQ(filled_in({"cp", "{}", "to/{}.copy"}, "a b", 1), (Words{"cp", "a b", "to/a b.copy"}));
}

TEST(CommandTemplate, PutsTheValueLastWhereItHasNoPlace) {
  EXPECT_EQ(filled_in({"gzip", "-9"}, "x", 1), (Words{"gzip", "-9", "x"}));
}

TEST(CommandTemplate, CountsAsParallelDoes) {
  EXPECT_EQ(filled_in({"echo", "{#}"}, "x", 12), (Words{"echo", "12"}));
}

TEST(CommandTemplate, TakesPathsApart) {
  const Words parts{"{.}", "{/}", "{//}", "{/.}"};
  EXPECT_EQ(filled_in(parts, "a.b/c.tar.gz", 1), (Words{"a.b/c.tar", "c.tar.gz", "a.b", "c.tar"}));
  EXPECT_EQ(filled_in(parts, "a.b/c", 1), (Words{"a.b/c", "c", "a.b", "c"}));
  EXPECT_EQ(filled_in(parts, "/x", 1), (Words{"/x", "x", "/", "x"}));
  EXPECT_EQ(filled_in(parts, ".rc", 1), (Words{".rc", ".rc", ".", ".rc"}));
  EXPECT_EQ(filled_in(parts, "", 1), (Words{"", "", ".", ""}));
}

TEST(CommandTemplate, DoesNotLookAtTheValueAgain) {
  EXPECT_EQ(filled_in({"echo", "{}"}, "{#}{}", 7), (Words{"echo", "{#}{}"}));
}

TEST(CommandTemplate, LeavesOtherBracesAlone) {
  EXPECT_EQ(filled_in({"echo", "{x}", "{", "}", "{} {"}, "v", 1),
            (Words{"echo", "{x}", "{", "}", "v {"}));
}

}  // namespace
}  // namespace weir
