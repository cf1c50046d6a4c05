#include "topology/host_list.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace weir {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kNoPartOfAName = "[]{}=\"'\\#";

// Digits only, and few enough for a number.
std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string padded(std::uint64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// "0-3" or "07", without its brackets.
bool add_range(std::string_view range, Names& numbers) {
  const auto dash = range.find('-');
  const std::string_view low = range.substr(0, dash);
  const std::string_view high = dash == std::string_view::npos ? low : range.substr(dash + 1);
  const auto first = number_of(low);
  const auto last = number_of(high);
  if (!first || !last || *first > *last || *last - *first >= kMostHosts) return false;
  for (std::uint64_t i = *first; i <= *last; ++i) numbers.push_back(padded(i, low.size()));
  return numbers.size() <= kMostHosts;
}

// The parts between commas that stand outside brackets, or nothing where brackets do not match.
std::optional<std::vector<std::string_view>> split(std::string_view text) {
  std::vector<std::string_view> parts;
  bool inside = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == '[') == inside && (text[i] == '[' || text[i] == ']')) return std::nullopt;
    if (text[i] == '[') inside = true;
    if (text[i] == ']') inside = false;
    if (text[i] != ',' || inside) continue;
    parts.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  if (inside) return std::nullopt;
  parts.push_back(text.substr(start));
  return parts;
}

// Each of the beginnings with each of the ends.
bool append(const Names& ends, Names& names) {
  if (names.size() * ends.size() > kMostHosts) return false;
  Names longer;
  longer.reserve(names.size() * ends.size());
  for (std::string& name : names) {
    for (const std::string& end : ends) {
      if (name.size() + end.size() > kLongestHostName) return false;
      // The last one takes over what is there: a word with one number in most of its brackets is
      // not copied again and again.
      std::string& both = longer.emplace_back(&end == &ends.back() ? std::move(name) : name);
      both += end;
    }
  }
  names = std::move(longer);
  return true;
}

// One word such as "rack[1-2]n[01-16]-ib".
std::optional<Names> expand_word(std::string_view word) {
  if (word.empty()) return std::nullopt;
  if (std::ranges::count(word, '[') > kMostBrackets) return std::nullopt;
  Names names{""};
  while (!word.empty()) {
    const auto open = word.find('[');
    const std::string_view plain = word.substr(0, open);
    if (plain.find_first_of(kNoPartOfAName) != std::string_view::npos) return std::nullopt;
    if (!append({std::string(plain)}, names)) return std::nullopt;
    if (open == std::string_view::npos) break;
    word.remove_prefix(open + 1);
    const auto close = word.find(']');
    const auto ranges = split(word.substr(0, close));
    word.remove_prefix(close + 1);
    Names numbers;
    for (const std::string_view range : *ranges) {
      if (!add_range(range, numbers)) return std::nullopt;
    }
    if (!append(numbers, names)) return std::nullopt;
  }
  return names;
}

}  // namespace

std::optional<Names> expand_host_list(std::string_view list) {
  const auto words = split(list);
  if (!words) return std::nullopt;
  Names names;
  for (const std::string_view word : *words) {
    auto more = expand_word(word);
    if (!more || names.size() + more->size() > kMostHosts) return std::nullopt;
    std::ranges::move(*more, std::back_inserter(names));
  }
  return names;
}

}  // namespace weir
