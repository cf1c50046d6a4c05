// Must not compile.

#include <memory>

#include "runtime/session/session.hpp"

void define(weir::Session& session) {
  session.define("owner", [](int n) { return std::make_unique<int>(n); });
}
