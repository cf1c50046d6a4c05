#include "runtime/base/error.hpp"

#include <utility>

namespace weir {

Error::Error(const std::string& problem, std::string found, std::string needed,
             std::string try_this)
    : std::runtime_error(problem),
      found_(std::move(found)),
      needed_(std::move(needed)),
      try_(std::move(try_this)) {}

std::string Error::report() const {
  return std::string(what()) + "\n  found   " + found_ + "\n  needed  " + needed_ + "\n  try     " +
         try_;
}

}  // namespace weir
