// Compiles: what the others do wrong, done right.

#include <memory>

#include "runtime/session/session.hpp"

int run(weir::Session& session) {
  return *session.run_here([](std::unique_ptr<int> n) { return n; }, std::make_unique<int>(1))
              .get();
}
