#include "runtime/base/exception_text.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>

namespace weir {

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type.name();
}

std::string current_exception_text() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const std::string name = type == nullptr ? "foreign exception" : type_name(*type);
  try {
    throw;
  } catch (const std::exception& error) {
    if (dynamic_cast<const ErrorOfAnother*>(&error) != nullptr) return error.what();
    return name + ": " + error.what();
  } catch (const std::string& text) {
    return "std::string: " + text;
  } catch (const char* text) {
    return text == nullptr ? name : name + ": " + text;
  } catch (...) {
    return name;
  }
}

}  // namespace weir
