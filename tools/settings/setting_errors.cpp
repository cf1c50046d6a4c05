#include "tools/settings/setting_errors.hpp"

#include <regex>

namespace weir {

std::string in_words_of_settings(const std::string& text) {
  // A value behind the name; not a sentence that goes on.
  static const std::regex of_a_class("--(share|priority|deadline|profile)[ =]([a-z]+)=");
  static const std::regex with_value(
      "--(?!set )([A-Za-z0-9][\\w.-]*)[ =]"
      "(?!(with|without|and|or|nor|instead|has|is|does|drops|cannot)\\b)");
  static const std::regex alone("--(?!set |help)([A-Za-z0-9][\\w.-]*)");
  static const std::regex command("weir run\\b");
  std::string words = std::regex_replace(text, of_a_class, "--set $1.$2=");
  words = std::regex_replace(words, with_value, "--set $1=");
  words = std::regex_replace(words, command, "weir simulate");
  return std::regex_replace(words, alone, "$1");
}

Error in_words_of_settings(const Error& error) {
  return {in_words_of_settings(error.problem()), in_words_of_settings(error.found()),
          in_words_of_settings(error.needed()), in_words_of_settings(error.try_this())};
}

}  // namespace weir
