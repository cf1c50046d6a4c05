#include "topology/synthetic.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "topology/hwloc_reader.hpp"

namespace weir {
namespace {

constexpr std::int64_t kMaxPus = 65536;

[[noreturn]] void refuse(const std::string& description, const std::string& why) {
  throw Error("not a synthetic machine", "\"" + description + "\": " + why,
              "levels from the outside in, each with its count, at most " +
                  std::to_string(kMaxPus) + " processing units",
              "\"package:2 numa:2 l3:1 core:8 pu:2\"");
}

struct Level {
  std::string_view name;  // "" for a bare count.
  std::int64_t count = 0;
};

// "core:8(...)" or "8". Nothing for another form.
std::optional<Level> read_level(std::string_view word) {
  const auto colon = word.find(':');
  Level level;
  if (colon != std::string_view::npos) {
    level.name = word.substr(0, colon);
    word.remove_prefix(colon + 1);
  }
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), level.count);
  const bool whole = end == word.data() + word.size() || *end == '(';
  if (error != std::errc() || !whole || level.count < 1) return std::nullopt;
  return level;
}

// Blanks separate words, except between brackets.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if ((c == ' ' && depth <= 0) || i == text.size()) {
      if (i > start) words.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return words;
}

// Checked here because hwloc would build a machine of any size for a slip of the finger.
std::string complete_description(const std::string& description) {
  std::int64_t pu_count = 1;
  Level last;
  for (const std::string_view word : words_of(description)) {
    if (word.front() == '[' || word.front() == '(') continue;  // Attached memory, root attributes.
    const auto level = read_level(word);
    if (!level) refuse(description, std::string(word) + " is not LEVEL:COUNT");
    if (level->count > kMaxPus || pu_count * level->count > kMaxPus) {
      refuse(description, "too many processing units");
    }
    pu_count *= level->count;
    last = *level;
  }
  if (last.count == 0) refuse(description, "no level");
  const bool ends_with_pus = last.name.empty() || last.name == "pu" || last.name == "PU";
  std::string complete = description;
  if (!ends_with_pus) complete.append(" pu:1");
  return complete;
}

}  // namespace

Machine synthetic_machine(const std::string& description) {
  auto machine = read_with_hwloc(HwlocSource::kSynthetic, complete_description(description));
  if (!machine) refuse(description, "an unknown level or a wrong order of levels");
  machine->host = "synthetic";
  machine->origin = description;
  return *std::move(machine);
}

}  // namespace weir
