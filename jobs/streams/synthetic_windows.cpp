#include "jobs/streams/synthetic_windows.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

namespace weir {
namespace {

constexpr std::uint32_t kVocabularyWords = 20'000;

// Word r spelled in base 45 syllables, shortest for the most frequent: a code, so no two are equal.
void append_word(std::uint32_t rank, std::string& text) {
  constexpr std::string_view kConsonants = "bdfgklmnr";
  constexpr std::string_view kVowels = "aeiou";
  std::uint32_t rest = rank;
  do {
    const std::uint32_t syllable = rest % 45;
    text += kConsonants[syllable / 5];
    text += kVowels[syllable % 5];
    rest = rest / 45;
  } while (rest-- > 0);
}

// A number in [0, 1) that belongs to a key.
double trait(std::uint64_t key, std::uint64_t which) {
  return static_cast<double>(mix_bits(mix_bits(key) ^ which) >> 11) * 0x1.0p-53;
}

}  // namespace

Random payload_random(std::uint64_t seed, std::uint64_t index) {
  return Random(mix_bits(seed ^ 0x7061796c6f616473ULL), index);
}

FinanceWindow make_book_window(Random& random, std::uint64_t key, const BookShape& shape,
                               std::uint32_t work_units) {
  FinanceWindow window;
  window.seed = random.next();
  window.work_units = work_units;
  window.updates.resize(std::max<std::uint32_t>(shape.updates, 2));
  // Between 10 and 100,000 of the currency, moving by a few hundredths of a percent per update.
  double price = 1e5 * std::pow(1e4, trait(key, 1));
  const double step = 1e-4 * (0.5 + trait(key, 2));
  const double span_s = shape.mean_gap_s * static_cast<double>(window.updates.size());
  double at_ns = std::max(0.0, static_cast<double>(shape.until.count()) - span_s * 1e9);
  for (BookUpdate& update : window.updates) {
    at_ns += random.exponential(shape.mean_gap_s * 1e9);
    price *= 1 + step * random.normal();
    const auto bid = static_cast<std::int64_t>(std::llround(price));
    const auto spread = static_cast<std::int64_t>(1 + random.below(4));
    update = {static_cast<std::int64_t>(at_ns), bid, bid + spread,
              static_cast<std::int32_t>(1 + random.below(5000)),
              static_cast<std::int32_t>(1 + random.below(5000))};
  }
  return window;
}

TextSource::TextSource() : vocabulary_(kVocabularyWords, 1.0) {}

SocialWindow TextSource::make_window(Random& random, std::uint64_t key, std::uint32_t word_count,
                                     std::uint32_t work_units) const {
  SocialWindow window;
  window.work_units = work_units;
  std::string& text = window.text;
  text.reserve(word_count * 8 + 32);
  text.append("@u").append(std::to_string(key)).append(":");
  std::uint64_t sentence_left = 0;
  for (std::uint32_t i = 0; i < word_count; ++i) {
    const bool first = sentence_left == 0;
    if (first) sentence_left = 6 + random.below(14);
    text += ' ';
    const std::uint32_t word = vocabulary_.draw(random);
    if (word % 97 == 13) text += '#';
    const std::size_t start = text.size();
    append_word(word, text);
    if (first) text[start] = static_cast<char>(text[start] - 'a' + 'A');
    if (--sentence_left == 0) text += '.';
  }
  return window;
}

std::uint32_t words_for_work(std::uint32_t work_units) {
  // n words have n (n - 1) / 2 pairs. Twice the least number, so that far pairs, which mean little,
  // stay out.
  const double words = 2 * std::sqrt(2.0 * kSocialPairsPerUnit * work_units);
  return static_cast<std::uint32_t>(std::clamp(words, 60.0, 2000.0));
}

SensorWindow make_sensor_window(Random& random, std::uint64_t key, std::uint32_t sample_count,
                                std::uint32_t work_units) {
  SensorWindow window;
  window.seed = random.next();
  window.work_units = work_units;
  window.samples.resize(std::max<std::uint32_t>(sample_count, 4));
  const double level = 15 + 20 * trait(key, 3);
  const double amplitude = 2 * trait(key, 4);
  const double waves = 1 + std::floor(20 * trait(key, 5));
  const double phase = 2 * std::numbers::pi * random.uniform();
  const auto count = static_cast<double>(window.samples.size());
  const bool changes = random.below(8) == 0;
  const double change_at = count * (0.2 + 0.6 * random.uniform());
  for (std::size_t i = 0; i < window.samples.size(); ++i) {
    const double turn = 2 * std::numbers::pi * waves * static_cast<double>(i) / count;
    const double shift = changes && static_cast<double>(i) >= change_at ? 3 : 0;
    const double value = level + shift + amplitude * std::sin(turn + phase) + 0.5 * random.normal();
    window.samples[i] = static_cast<float>(value);
  }
  return window;
}

std::uint32_t scaled_work(double units, double scale) {
  return static_cast<std::uint32_t>(
      std::clamp(std::round(units * scale), 1.0, static_cast<double>(kMaxWorkUnits)));
}

}  // namespace weir
