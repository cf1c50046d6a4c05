// How far long work is, for those who wait for it: on a terminal one line that is written over,
// elsewhere, as in the log of a job, a line of its own now and then.

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace weir {

enum class Reader { kNobody, kTerminal, kLog };

struct Audience {
  Reader reader = Reader::kNobody;
  int columns = 80;  // of a terminal
};

// Who reads the standard error of this process, which is no rank of several.
Audience audience_of_errors(bool is_quiet, bool is_terminal_forced);

class WorkLine {
 public:
  using Clock = std::chrono::steady_clock;

  // At least so much time lies between two lines; before the first one, in a log, as much.
  static constexpr Clock::duration kOnTerminal = std::chrono::milliseconds(200);
  static constexpr Clock::duration kInLog = std::chrono::seconds(30);

  // `program` begins the lines of a log. `out` outlives this.
  WorkLine(Audience audience, std::string program, std::ostream& out, Clock::time_point now);
  ~WorkLine() { clear(); }
  WorkLine(const WorkLine&) = delete;
  WorkLine& operator=(const WorkLine&) = delete;

  // Asks for the text only where it is time for one.
  void show(const std::function<std::string()>& text, Clock::time_point now);
  // Makes room on a terminal for what is not the line's.
  void clear();

 private:
  Audience audience_;
  std::string program_;
  std::ostream& out_;
  std::optional<Clock::time_point> before_;  // of a log: also its begin
};

}  // namespace weir
