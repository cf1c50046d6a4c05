// Commands as text: what the shell would make of a line, and how words are written for it.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// The words of a line that needs no shell: sh would run just these. Nothing where there is any
// doubt: another character than those that never mean anything to a shell, or a first word without
// a slash, which may be the name of something that shells have inside.
std::optional<std::vector<std::string>> plain_words(std::string_view line);

// A line that gives sh just these words.
std::string shell_text(const std::vector<std::string>& words);

// By what commands of a list are taken to be alike: the first word of the line.
std::string_view first_word(std::string_view line);

}  // namespace weir
