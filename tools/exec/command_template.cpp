#include "tools/exec/command_template.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace weir {
namespace {

std::string base_of(const std::string& value) {
  const std::size_t slash = value.rfind('/');
  return slash == std::string::npos ? value : value.substr(slash + 1);
}

std::string folder_of(const std::string& value) {
  const std::size_t slash = value.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : value.substr(0, slash);
}

// A dot that begins the name, or stands in a folder, begins no extension.
std::string without_extension(const std::string& value) {
  const std::size_t dot = value.rfind('.');
  const std::size_t slash = value.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return dot == std::string::npos || dot <= name ? value : value.substr(0, dot);
}

using Place = std::pair<std::string_view, std::string>;

std::string fill(const std::string& word, const std::array<Place, 6>& places, bool& found) {
  std::string text;
  for (std::size_t at = 0; at < word.size();) {
    const Place* here = nullptr;
    for (const Place& place : places) {
      if (word.compare(at, place.first.size(), place.first) == 0) here = &place;
    }
    found = found || here != nullptr;
    text += here == nullptr ? std::string(1, word[at]) : here->second;
    at += here == nullptr ? 1 : here->first.size();
  }
  return text;
}

}  // namespace

std::vector<std::string> filled_in(const std::vector<std::string>& words, const std::string& value,
                                   std::uint64_t number) {
  const std::array<Place, 6> places{{{"{}", value},
                                     {"{.}", without_extension(value)},
                                     {"{/}", base_of(value)},
                                     {"{//}", folder_of(value)},
                                     {"{/.}", without_extension(base_of(value))},
                                     {"{#}", std::to_string(number)}}};
  std::vector<std::string> filled;
  bool found = false;
  for (const std::string& word : words) filled.push_back(fill(word, places, found));
  if (!found) filled.push_back(value);
  return filled;
}

}  // namespace weir
