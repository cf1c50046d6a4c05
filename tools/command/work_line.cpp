#include "tools/command/work_line.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <utility>

namespace weir {

Audience audience_of_errors(bool is_quiet, bool is_terminal_forced) {
  const bool is_closed = ::fcntl(STDERR_FILENO, F_GETFD) == -1;
  if (is_quiet || is_closed) return {Audience::Kind::kNobody};
  if (!is_terminal_forced && ::isatty(STDERR_FILENO) == 0) return {Audience::Kind::kLog};
  winsize size{};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {Audience::Kind::kTerminal, is_known ? size.ws_col : Audience().columns};
}

WorkLine::WorkLine(const Audience& audience, std::string program, std::ostream& out,
                   Clock::time_point now)
    : audience_(audience), program_(std::move(program)), out_(out), began_(now) {}

WorkLine WorkLine::on_errors(std::string program, bool is_quiet, bool is_terminal_forced) {
  return {audience_of_errors(is_quiet, is_terminal_forced), std::move(program), std::cerr,
          Clock::now()};
}

void WorkLine::show(const std::function<std::string()>& text, Clock::time_point now) {
  if (audience_.kind == Audience::Kind::kNobody) return;
  if (audience_.kind == Audience::Kind::kTerminal) {
    out_ << "\r\033[K" << cut_to_line(text(), audience_.columns) << std::flush;
  } else {
    if (now - shown_.value_or(began_) < kInLog) return;
    out_ << program_ << ": " << text() << std::endl;
  }
  shown_ = now;
}

void WorkLine::clear() {
  if (audience_.kind != Audience::Kind::kTerminal || !shown_) return;
  shown_.reset();
  out_ << "\r\033[K" << std::flush;
}

}  // namespace weir
