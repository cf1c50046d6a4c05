#include "tools/experiment/outcome_store.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class OutcomeStoreFile : public testing::Test {
 protected:
  std::string text() const { return text_of_file(path_); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  std::string refusal_of_the_file() const {
    return refusal([this] { OutcomeStore store(path_); });
  }

  ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.trials";
};

TEST_F(OutcomeStoreFile, KeepsWhatWasMeasured) {
  const double infinity = std::numeric_limits<double>::infinity();
  {
    OutcomeStore(path_).add("key\nload = 0.5",
                            {{{"mean_ms", 1.0 / 3}, {"x", infinity}}, {1, 2}, {3, infinity}});
  }
  const OutcomeStore store(path_);
  const auto found = store.find("key\nload = 0.5");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->numbers.at("mean_ms"), 1.0 / 3);
  EXPECT_EQ(found->numbers.at("x"), infinity);
  EXPECT_EQ(found->series, (std::vector<double>{1, 2}));
  EXPECT_EQ(found->p99_series, (std::vector<double>{3, infinity}));
  EXPECT_FALSE(store.find("key\nload = 0.6"));
}

TEST_F(OutcomeStoreFile, DropsALineThatWasTorn) {
  {
    OutcomeStore store(path_);
    store.add("first", {{{"mean_ms", 1}}, {}, {}});
    store.add("second", {{{"mean_ms", 2}}, {}, {}});
  }
  const std::string whole = text();
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    write(whole.substr(0, bytes));
    OutcomeStore store(path_);
    EXPECT_EQ(store.find("second").has_value(), bytes == whole.size()) << bytes;
    store.add("second", {{{"mean_ms", 2}}, {}, {}});
    EXPECT_TRUE(store.find("second"));
  }
}

TEST_F(OutcomeStoreFile, RefusesAForeignFileAndLeavesItAsItIs) {
  for (const std::string foreign : {"hello\n", "hello", "{}\n"}) {
    write(foreign);
    EXPECT_NE(refusal_of_the_file().find("not a file of results"), std::string::npos) << foreign;
    EXPECT_EQ(text(), foreign);
  }
}

TEST_F(OutcomeStoreFile, RefusesALineThatWasChanged) {
  {
    OutcomeStore store(path_);
    store.add("first", {{{"mean_ms", 125}}, {}, {}});
    store.add("second", {{{"mean_ms", 110}}, {}, {}});
  }
  const std::string whole = text();
  std::string faster = whole;
  faster.replace(faster.find("110"), 3, "109");
  for (const std::string& changed : {faster, whole + "noise\n", whole + "\n"}) {
    write(changed);
    EXPECT_NE(refusal_of_the_file().find(changed == faster ? "line 3" : "line 4"),
              std::string::npos);
    EXPECT_EQ(text(), changed);
  }
}

TEST_F(OutcomeStoreFile, RefusesLinesWithoutChecksums) {
  write("{\"weir_trials\":1}\n{\"key\":\"a\",\"numbers\":{},\"series\":[]}\n");
  EXPECT_NE(refusal_of_the_file().find("older weir"), std::string::npos);
}

TEST_F(OutcomeStoreFile, RefusesAFileThatIsInUse) {
  const OutcomeStore store(path_);
  EXPECT_NE(refusal_of_the_file().find("another process"), std::string::npos);
}

TEST_F(OutcomeStoreFile, RefusesAPlaceWhereNothingCanBeWritten) {
  path_ = folder_ / "missing/a.trials";
  EXPECT_NE(refusal_of_the_file().find("cannot be kept"), std::string::npos);
  path_ = "/dev/full";
  EXPECT_NE(refusal_of_the_file(), kNothingRefused);
}

}  // namespace
}  // namespace weir
