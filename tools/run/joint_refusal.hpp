// Bad input that one rank alone sees must not leave the others waiting for it.

#pragma once

#include <string>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

// What `step` refuses, as a report; empty: nothing.
template <typename Step>
std::string refusal_of(Step step) {
  try {
    step();
    return {};
  } catch (const Error& error) {
    return error.report();
  }
}

// All ranks hear of a refusal: rank 0 reports the first one, and all get true. Collective.
bool any_refuses(MpiContext& mpi, const std::string& refusal,
                 const std::string& command = "weir-run");

}  // namespace weir
