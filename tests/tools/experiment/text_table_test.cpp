#include "tools/experiment/text_table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace weir {
namespace {

TextTable table_of_two() {
  TextTable table({"policy", "mean"});
  table.add({"random", "7"});
  table.add({"least_outstanding", "12.25"});
  return table;
}

TEST(TextTable, HasItsFirstColumnAtTheLeftAndTheOthersAtTheRight) {
  std::ostringstream out;
  table_of_two().print_text(out);
  EXPECT_EQ(out.str(),
            "  policy              mean\n"
            "  random                 7\n"
            "  least_outstanding  12.25\n");
}

TEST(TextTable, IsAlsoATableInMarkdown) {
  std::ostringstream out;
  table_of_two().print_markdown(out);
  EXPECT_EQ(out.str(),
            "| policy | mean |\n"
            "|---|---:|\n"
            "| random | 7 |\n"
            "| least_outstanding | 12.25 |\n");
}

TEST(TextTableDeathTest, TakesNoRowOfAnotherWidth) {
  TextTable table = table_of_two();
  EXPECT_DEATH(table.add({"alone"}), "a row of another width");
}

}  // namespace
}  // namespace weir
