// Must not compile.

#include "runtime/session/session.hpp"

struct Strict {
  explicit Strict(int n) : value(n) {}
  int value;
  template <typename Archive>
  void serialize(Archive& archive) {
    archive(value);
  }
};

void define(weir::Session& session) {
  session.define("strict", [](const Strict& one) { return one.value; });
}
