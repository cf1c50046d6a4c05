#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "jobs/streams/synthetic_windows.hpp"
#include "tests/support/numbers.hpp"

namespace weir {
namespace {

constexpr std::size_t kWordCounts = 4;  // Position of the first word count pair in the result.
constexpr std::size_t kPairCounts = 20;

std::vector<std::int64_t> counts_from(const std::vector<std::int64_t>& result, std::size_t start) {
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < 8; ++i) counts.push_back(result[start + 2 * i + 1]);
  return counts;
}

// The eight largest counts of a map, zeros where there are fewer.
template <typename Map>
std::vector<std::int64_t> largest(const Map& map) {
  std::vector<std::int64_t> counts(8, 0);
  for (const auto& [key, count] : map) counts.push_back(count);
  std::ranges::sort(counts, std::greater<>());
  counts.resize(8);
  return counts;
}

std::vector<std::string> plain_words(const std::string& lower_case_text) {
  std::istringstream in(lower_case_text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST(SocialKernel, CountsWordsAndPairsOfASmallText) {
  // Words: a b a c; pairs at distance 1: ab ba ac, at 2: aa bc, at 3: ac.
  const auto result = run(run_social_kernel, encoded(SocialWindow{1, "A b, a... C!"}));
  ASSERT_EQ(result.size(), 36u);
  EXPECT_EQ(result[0], 4);
  EXPECT_EQ(result[1], 3);
  EXPECT_EQ(result[2], 6);
  EXPECT_EQ(result[3], 4);
  EXPECT_EQ(counts_from(result, kWordCounts), (std::vector<std::int64_t>{2, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(counts_from(result, kPairCounts), (std::vector<std::int64_t>{2, 2, 1, 1, 0, 0, 0, 0}));
}

TEST(SocialKernel, AgreesWithANaiveCountOfAGeneratedText) {
  const TextSource texts;
  Random random(3);
  const SocialWindow window = texts.make_window(random, 17, 700, 30);
  const auto result = run(run_social_kernel, encoded(window));

  std::string lower;
  for (const char c : window.text) {
    const auto folded = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    lower += c == '.' || c == ':' ? ' ' : folded;
  }
  const std::vector<std::string> words = plain_words(lower);
  std::map<std::string, std::int64_t> word_counts;
  for (const std::string& word : words) ++word_counts[word];
  std::map<std::multiset<std::string>, std::int64_t> pair_counts;
  std::int64_t pairs = 0;
  const std::int64_t budget = 30 * static_cast<std::int64_t>(kSocialPairsPerUnit);
  for (std::size_t distance = 1; distance < words.size(); ++distance) {
    for (std::size_t i = 0; i + distance < words.size() && pairs < budget; ++i, ++pairs) {
      ++pair_counts[{words[i], words[i + distance]}];
    }
  }

  EXPECT_EQ(result[0], 701);  // The mention, then the words.
  EXPECT_EQ(result[0], static_cast<std::int64_t>(words.size()));
  EXPECT_EQ(result[1], static_cast<std::int64_t>(word_counts.size()));
  EXPECT_EQ(result[2], budget);
  EXPECT_EQ(result[3], static_cast<std::int64_t>(pair_counts.size()));
  EXPECT_EQ(counts_from(result, kWordCounts), largest(word_counts));
  EXPECT_EQ(counts_from(result, kPairCounts), largest(pair_counts));
}

TEST(SocialKernel, CountsNothingInATextWithoutWords) {
  const auto result = run(run_social_kernel, encoded(SocialWindow{1, " ... !"}));
  EXPECT_TRUE(std::ranges::all_of(result, [](std::int64_t value) { return value == 0; }));
}

TEST(SocialKernel, KeepsTagsMentionsAndOtherAlphabetsWhole) {
  const auto result = run(run_social_kernel, encoded(SocialWindow{1, "#tag @you it's größe"}));
  EXPECT_EQ(result[0], 4);
}

}  // namespace
}  // namespace weir
