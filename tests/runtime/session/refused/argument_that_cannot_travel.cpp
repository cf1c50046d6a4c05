// Must not compile.

#include <memory>

#include "runtime/session/session.hpp"

void submit(weir::Session& session, weir::TaskKind<int(std::unique_ptr<int>)> kind) {
  session.submit(kind, std::make_unique<int>(1));
}
