// One line that keeps a person informed while commands run: how many are done, how fast, and how
// long the rest should take.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "tools/exec/exec_results.hpp"
#include "tools/result/run_reactor.hpp"

namespace weir {

struct ExecProgress {
  ExecCounts counts;
  std::uint64_t under_way = 0;
  std::optional<double> expected;  // of all commands; nothing: not known
  Duration elapsed{0};
};

// Without a line end, at most `columns` long.
std::string progress_text(const ExecProgress& progress, int columns);

class ExecProgressLine final : public RunObserver {
 public:
  // `out` is a terminal, or was forced to be taken for one, and outlives the line.
  ExecProgressLine(int columns, std::function<ExecProgress(Instant)> progress, std::ostream& out);
  // Clears the line.
  ~ExecProgressLine() override;

  Duration interval() const override { return std::chrono::milliseconds(200); }
  void observe(const NodeAgent& agent, Instant now) override;

 private:
  int columns_;
  std::function<ExecProgress(Instant)> progress_;
  std::ostream& out_;
};

}  // namespace weir
