// The largest of the numbers that all ranks offer, found while they go on with their work, once one
// of them has asked for it.
//
// Who asks tells rank 0, and rank 0 tells all others: so a question costs one small message a rank,
// also where all ask at once. Then every rank offers its number, and a reduction that nobody waits
// for brings the largest one back. Nothing here wakes a rank up: it finds out when it looks.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/mpi/mpi_context.hpp"

namespace weir {

class JointMaximum {
 public:
  // On a communicator of its own. `mpi` outlives it. Collective.
  explicit JointMaximum(MpiContext& mpi);
  // Takes in what is still under way. Collective.
  ~JointMaximum();
  JointMaximum(const JointMaximum&) = delete;
  JointMaximum& operator=(const JointMaximum&) = delete;

  // More than once is once.
  void ask();
  // Whether some rank has asked, as far as this one has heard. Never blocks.
  bool asked();
  // Of this rank, once, after asked().
  void offer(std::int64_t number);
  bool offered() const;
  // Nothing until all ranks have offered. Never blocks.
  std::optional<std::int64_t> result();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
