#include "topology/cpuset.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr int kWordBits = 64;

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<int> read_index(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < 0 || value > Cpuset::kMaxIndex) return std::nullopt;
  return value;
}

[[noreturn]] void refuse(std::string_view list, std::string_view part) {
  throw Error("not a list of processing units",
              "\"" + std::string(part) + "\" in \"" + std::string(list) + "\"",
              "numbers from 0 to " + std::to_string(Cpuset::kMaxIndex) + " and ascending ranges",
              "0-3,8");
}

}  // namespace

Cpuset::Cpuset(std::initializer_list<int> indices) {
  for (const int index : indices) add(index);
}

Cpuset Cpuset::range(int first, int last) {
  Cpuset set;
  for (int index = first; index <= last; ++index) set.add(index);
  return set;
}

Cpuset Cpuset::parse(std::string_view list) {
  Cpuset set;
  std::string_view rest = without_blanks(list);
  if (rest.empty()) return set;
  while (true) {
    const auto comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const auto dash = part.find('-');
    const auto first = read_index(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : read_index(part.substr(dash + 1));
    if (!first || !last || *last < *first) refuse(list, part);
    for (int index = *first; index <= *last; ++index) set.add(index);
    if (comma == std::string_view::npos) return set;
    rest.remove_prefix(comma + 1);
  }
}

std::string Cpuset::to_string() const {
  std::string text;
  const std::vector<int> all = indices();
  for (std::size_t i = 0; i < all.size();) {
    std::size_t last = i;
    while (last + 1 < all.size() && all[last + 1] == all[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(all[i]);
    if (last > i) text += '-' + std::to_string(all[last]);
    i = last + 1;
  }
  return text;
}

int Cpuset::count() const {
  int count = 0;
  for (const std::uint64_t word : words_) count += std::popcount(word);
  return count;
}

bool Cpuset::contains(int index) const {
  const auto word = static_cast<std::size_t>(index / kWordBits);
  return index >= 0 && word < words_.size() && ((words_[word] >> (index % kWordBits)) & 1) != 0;
}

bool Cpuset::includes(const Cpuset& other) const { return (other - *this).empty(); }

bool Cpuset::intersects(const Cpuset& other) const {
  const std::size_t shared = std::min(words_.size(), other.words_.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if ((words_[i] & other.words_[i]) != 0) return true;
  }
  return false;
}

int Cpuset::first() const {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i] != 0) return static_cast<int>(i) * kWordBits + std::countr_zero(words_[i]);
  }
  return -1;
}

std::vector<int> Cpuset::indices() const {
  std::vector<int> all;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
      all.push_back(static_cast<int>(i) * kWordBits + std::countr_zero(word));
    }
  }
  return all;
}

void Cpuset::add(int index) {
  WEIR_CHECK(index >= 0 && index <= kMaxIndex, "no such processing unit");
  const auto word = static_cast<std::size_t>(index / kWordBits);
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= std::uint64_t{1} << (index % kWordBits);
}

Cpuset operator|(const Cpuset& a, const Cpuset& b) {
  Cpuset result = a.words_.size() >= b.words_.size() ? a : b;
  const Cpuset& smaller = a.words_.size() >= b.words_.size() ? b : a;
  for (std::size_t i = 0; i < smaller.words_.size(); ++i) result.words_[i] |= smaller.words_[i];
  return result;
}

Cpuset operator&(const Cpuset& a, const Cpuset& b) {
  Cpuset result = a;
  result.words_.resize(std::min(a.words_.size(), b.words_.size()));
  for (std::size_t i = 0; i < result.words_.size(); ++i) result.words_[i] &= b.words_[i];
  result.drop_empty_tail();
  return result;
}

Cpuset operator-(const Cpuset& a, const Cpuset& b) {
  Cpuset result = a;
  const std::size_t shared = std::min(a.words_.size(), b.words_.size());
  for (std::size_t i = 0; i < shared; ++i) result.words_[i] &= ~b.words_[i];
  result.drop_empty_tail();
  return result;
}

void Cpuset::drop_empty_tail() {
  while (!words_.empty() && words_.back() == 0) words_.pop_back();
}

}  // namespace weir
