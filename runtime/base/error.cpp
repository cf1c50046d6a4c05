#include "runtime/base/error.hpp"

#include <utility>

namespace weir {

Error::Error(const std::string& problem, std::string found, std::string needed,
             std::string try_this)
    : std::runtime_error(problem + "\n  found   " + found + "\n  needed  " + needed +
                         "\n  try     " + try_this),
      problem_(problem),
      found_(std::move(found)),
      needed_(std::move(needed)),
      try_(std::move(try_this)) {}

}  // namespace weir
