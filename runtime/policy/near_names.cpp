#include "runtime/policy/near_names.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

namespace weir {
namespace {

// Letters to insert, delete or replace (V. Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// "sed" for shortest_expected_delay.
std::string initials_of(std::string_view name) {
  std::string initials;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i == 0 || name[i - 1] == '_') initials += name[i];
  }
  return initials;
}

// Lower case, with underscores for blanks and hyphens.
std::string as_snake_case(std::string_view text) {
  std::string snake(text);
  for (char& c : snake) {
    if (c == '-' || c == ' ') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return snake;
}

}  // namespace

bool comes_close(std::string_view written, std::string_view name) {
  constexpr std::size_t kMinPartLength = 4;  // Shorter parts occur in too many names.
  const std::string wanted = as_snake_case(written);
  if (wanted == initials_of(name)) return true;
  if (wanted.size() >= kMinPartLength && name.find(wanted) != name.npos) return true;
  return edit_distance(wanted, name) <= std::min<std::size_t>(3, name.size() / 3);
}

}  // namespace weir
