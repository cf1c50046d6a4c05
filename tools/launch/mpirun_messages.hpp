// Tells what mpirun says for itself from what ranks and other programs write to the same stderr.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// mpirun frames each of its messages with two lines of 74 dashes. Those are kept back, as are the
// one-line notes of Open MPI that only repeat that something failed.
class MpirunMessages {
 public:
  // What of the next piece of stderr is for the user. A piece may end anywhere.
  std::string pass(std::string_view piece);
  // What was kept back although no frame closed; at the end.
  std::string rest();

  // Why no rank got as far as working, in one line; nothing when mpirun does not say so.
  std::optional<std::string> start_failure() const;

 private:
  void take(char c);
  void emit(std::string_view text);

  std::string shown_;  // by the current call of pass()
  std::string held_;   // dashes, or a line that began as a note does
  std::string message_;
  bool in_frame_ = false;
  bool at_line_start_ = true;
  bool init_failed_ = false;
  std::vector<std::string> messages_;
};

}  // namespace weir
