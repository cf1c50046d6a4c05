// When a class limit of a node binds: where at least three quarters of the workers of a memory
// domain run queued tasks (decision 016). Three quarters by trial on nodes of 4, 8 and 32: with a
// half, limits bind too soon on small ones; with all, a node that is nearly full is filled with
// what it should not run.

#pragma once

#include <cstdint>

namespace weir {

// From so many busy ones on, of `workers`; rounded to the nearest.
constexpr std::uint32_t limit_binds_from(std::uint32_t workers) { return (3 * workers + 2) / 4; }

}  // namespace weir
