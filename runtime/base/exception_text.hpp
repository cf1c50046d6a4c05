// What an exception says, whatever its type.

#pragma once

#include <string>
#include <typeinfo>

namespace weir {

// As a person writes it.
std::string type_name(const std::type_info& type);

// A base of exceptions that tell of an error elsewhere: their text says its type already.
class ErrorOfAnother {
 public:
  virtual ~ErrorOfAnother() = default;
};

// The text of the exception being handled: "TYPE: WHAT", or "WHAT" for an ErrorOfAnother, where
// what was thrown says something: a std::exception, a std::string or a C string; else "TYPE". Only
// in a catch block.
std::string current_exception_text();

}  // namespace weir
