// How far long work is, for those who wait for it: on a terminal one line that is written over,
// elsewhere, as in the log of a job, a line of its own now and then.

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "tools/command/terminal.hpp"

namespace weir {

struct Audience {
  enum class Kind { kNobody, kTerminal, kLog };

  Kind kind = Kind::kNobody;
  int columns = TerminalMode().columns;  // of a terminal
};

// Who reads the standard error of this process, which is no rank of several. A terminal may be
// forced, but where standard error is closed nobody reads: its number is then another file's.
Audience audience_of_errors(bool is_quiet, bool is_terminal_forced);

class WorkLine {
 public:
  using Clock = std::chrono::steady_clock;

  // In a log at least so much time lies between two lines, and before the first, so that short work
  // says nothing.
  static constexpr Clock::duration kInLog = std::chrono::seconds(30);

  // `program` begins the lines of a log; `now` is the begin of the work. `out` outlives this.
  WorkLine(const Audience& audience, std::string program, std::ostream& out, Clock::time_point now);
  // The one on standard error, of work that begins now.
  static WorkLine on_errors(std::string program, bool is_quiet, bool is_terminal_forced);
  // Clears the line.
  ~WorkLine() { clear(); }
  WorkLine(const WorkLine&) = delete;
  WorkLine& operator=(const WorkLine&) = delete;

  // On a terminal at once. Asks for the text only where it is shown.
  void show(const std::function<std::string()>& text, Clock::time_point now);
  // Makes room on a terminal for what is not the line's.
  void clear();

 private:
  Audience audience_;
  std::string program_;
  std::ostream& out_;
  Clock::time_point began_;
  std::optional<Clock::time_point> shown_;  // the last time; none since it was cleared
};

}  // namespace weir
