#include "runtime/exec/kind_table.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {

KindId KindTable::add(std::string name, TaskFunction function, KindOptions options) {
  WEIR_CHECK(function != nullptr, "a task kind without a function");
  WEIR_CHECK(kinds_.size() <= std::numeric_limits<std::uint16_t>::max(), "too many task kinds");
  if (name.empty() || name.find_first_of(" \t\r\n") != std::string::npos) {
    throw Error("a task kind cannot have this name", "\"" + name + "\"",
                "a name without white space", "letters, digits, '_' and '.'");
  }
  if (find(name)) {
    throw Error("two task kinds have the same name", "\"" + name + "\" a second time",
                "one function for each name", "another name for one of the two");
  }
  const KindId id(static_cast<std::uint16_t>(kinds_.size()));
  kinds_.push_back({std::move(name), std::move(function), options});
  has_immediate_ = has_immediate_ || options.immediate;
  return id;
}

std::optional<KindId> KindTable::find(std::string_view name) const {
  const auto kind = std::ranges::find(kinds_, name, &Kind::name);
  if (kind == kinds_.end()) return std::nullopt;
  return KindId(static_cast<std::uint16_t>(kind - kinds_.begin()));
}

std::string KindTable::fingerprint() const {
  std::string text;
  for (const Kind& kind : kinds_) {
    text += kind.name + (kind.options.immediate ? " immediate\n" : "\n");
  }
  return text;
}

const KindTable::Kind& KindTable::at(KindId kind) const {
  WEIR_CHECK(contains(kind), "no such task kind");
  return kinds_[kind.value()];
}

}  // namespace weir
