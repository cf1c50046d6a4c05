// Inside runtime/session: how it is said that data cannot be had.

#pragma once

#include <string>

#include "runtime/base/error.hpp"
#include "runtime/session/data.hpp"

namespace weir::data_refusal {

inline std::string quoted(const std::string& name) { return '"' + name + '"'; }

inline std::string version_text(const DataRef& ref) {
  return "version " + std::to_string(ref.version) + " of the data " + quoted(ref.name);
}

inline std::string on_rank(RankId rank) { return "on rank " + std::to_string(rank.value()); }

[[noreturn]] inline void refuse_missing(const DataRef& ref, const std::string& found) {
  throw Error(version_text(ref) + " is not " + on_rank(ref.home), found,
              "data that its home has not forgotten", "find() for the newest version");
}

inline void require_type(const std::string& what, const std::string& found, const DataType& type) {
  if (found == type.name) return;
  throw Error(what + " is not of the type " + type.name, "it is of the type " + found, type.name,
              "Data<T> with the type that was put");
}

}  // namespace weir::data_refusal
