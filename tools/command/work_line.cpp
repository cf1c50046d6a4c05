#include "tools/command/work_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

std::string cut_to(int columns, const std::string& text) {
  // The last column stays free: some terminals start a new line once it is filled.
  return text.substr(0, static_cast<std::size_t>(std::max(0, columns - 1)));
}

}  // namespace

Audience audience_of_errors(bool is_quiet, bool is_terminal_forced) {
  if (is_quiet) return {Reader::kNobody};
  if (!is_terminal_forced && ::isatty(STDERR_FILENO) == 0) return {Reader::kLog};
  winsize size{};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {Reader::kTerminal, is_known ? size.ws_col : Audience().columns};
}

WorkLine::WorkLine(Audience audience, std::string program, std::ostream& out, Clock::time_point now)
    : audience_(audience), program_(std::move(program)), out_(out) {
  if (audience_.reader == Reader::kLog) before_ = now;
}

void WorkLine::show(const std::function<std::string()>& text, Clock::time_point now) {
  if (audience_.reader == Reader::kNobody) return;
  const bool is_terminal = audience_.reader == Reader::kTerminal;
  if (before_ && now - *before_ < (is_terminal ? kOnTerminal : kInLog)) return;
  before_ = now;
  if (is_terminal) {
    out_ << "\r\033[K" << cut_to(audience_.columns, text()) << std::flush;
  } else {
    out_ << program_ << ": " << text() << std::endl;
  }
}

void WorkLine::clear() {
  if (audience_.reader != Reader::kTerminal || !before_) return;
  before_.reset();
  out_ << "\r\033[K" << std::flush;
}

}  // namespace weir
