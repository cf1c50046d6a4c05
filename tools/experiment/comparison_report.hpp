// How the results of an experiment are shown: tables on a terminal, or Markdown.

#pragma once

#include <ostream>

#include "tools/experiment/comparison.hpp"

namespace weir {

enum class ReportFormat { kText, kMarkdown };

// Two tables per scenario: what tasks felt, and what it cost. The Markdown holds the command, the
// seeds and the settings of every scenario besides.
void print_report(const ExperimentResults& results, ReportFormat format, std::ostream& out);

// "123.4", "0.567", "never" for infinity and "-" for what is not known: four significant digits.
std::string number_text(double value, int digits);
// Milliseconds, with two digits.
std::string milliseconds_text(double seconds);

}  // namespace weir
