// The lines in which a run whose ranks may die says how it ended. mpirun returns 0 or 1 then,
// whatever the ranks do; so `weir launch` goes by a line.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/ids.hpp"

namespace weir {

// "3", "3, 5 and 8"; with "rank " or "ranks " before it.
std::string names_of_ranks(const std::set<RankId>& ranks);

// With a line break. `command` is what begins its lines: weir-run.
std::string survivors_line(const std::string& command, const std::set<RankId>& out, int exit_code);

// What `weir launch` goes by: it gives its ranks a word of its own (WEIR_LAUNCHED), so that nothing
// that tasks or commands print is taken for it. Begins with "weir-launch-", by
// which it is held back from the user; without one, under mpirun
// alone, the line is for people.
std::string exit_line(const std::string& command, const std::string& word, int exit_code);

// Likewise: MPI has started on all ranks, so that what mpirun says of daemons from here on is about
// hosts that were lost. For `weir launch` alone.
std::string begin_line(const std::string& command, const std::string& word);

// Finds both in text that comes in pieces.
class ExitLineFinder {
 public:
  explicit ExitLineFinder(std::string word) : word_(std::move(word)) {}
  void take(std::string_view piece);
  bool begun() const { return begun_; }
  // Nothing while there was none.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  std::string word_;
  std::string line_;
  bool begun_ = false;
  std::optional<int> exit_code_;
};

}  // namespace weir
