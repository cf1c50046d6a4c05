#include "tools/exec/exec_progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "tools/command/terminal.hpp"
#include "tools/command/time_text.hpp"

namespace weir {

std::string progress_text(const ExecProgress& progress, int columns) {
  const auto done = static_cast<double>(progress.counts.done);
  const double elapsed_s = to_seconds(progress.elapsed);
  const double rate_per_s = elapsed_s > 0 ? done / elapsed_s : 0;
  std::array<char, 160> head{};
  std::snprintf(head.data(), head.size(), "%6.1f s %6.0f done", elapsed_s, done);
  std::string text = head.data();
  if (progress.expected) {
    std::snprintf(head.data(), head.size(), " of %.0f", *progress.expected);
    text += head.data();
  }
  std::snprintf(head.data(), head.size(), "  %.0f failed  %.0f under way  %.3g/s",
                static_cast<double>(progress.counts.failed),
                static_cast<double>(progress.under_way), rate_per_s);
  text += head.data();
  if (progress.expected && rate_per_s > 0) {
    text += "  " + time_text(std::max(0.0, (*progress.expected - done) / rate_per_s)) + " left";
  }
  return cut_to_line(std::move(text), columns);
}

ExecProgressLine::ExecProgressLine(int columns, std::function<ExecProgress(Instant)> progress,
                                   std::ostream& out)
    : columns_(columns), progress_(std::move(progress)), out_(out) {}

ExecProgressLine::~ExecProgressLine() { out_ << "\r\033[K" << std::flush; }

void ExecProgressLine::observe(const NodeAgent&, Instant now) {
  out_ << '\r' << progress_text(progress_(now), columns_) << "\033[K" << std::flush;
}

}  // namespace weir
