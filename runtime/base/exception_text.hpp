// What an exception says, whatever its type.

#pragma once

#include <string>

namespace weir {

// The text of the exception being handled: "TYPE: WHAT". Only in a catch block.
std::string current_exception_text();

}  // namespace weir
