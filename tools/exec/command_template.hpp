// A command that values are put into, as GNU parallel names the places.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

// `{}` is the value, `{.}` without its extension, `{/}` without its folders, `{//}` its folder,
// `{/.}` without both, `{#}` the number. They may stand inside a word, and stay in the word
// whatever the value holds. Where none stands, the value becomes the last word.
std::vector<std::string> filled_in(const std::vector<std::string>& words, const std::string& value,
                                   std::uint64_t number);

}  // namespace weir
