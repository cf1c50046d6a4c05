// Which known name someone may have meant who wrote another.

#pragma once

#include <string_view>

namespace weir {

// Whether `written` is a misspelling, an abbreviation by initials ("sed"), or a part of `name`; in
// any case of letters, with hyphens or blanks for underscores.
bool comes_close(std::string_view written, std::string_view name);

}  // namespace weir
