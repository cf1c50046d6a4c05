// The experiment of the source paper (section 4): 50 nodes, three streams, three baselines, four
// indicators. It gives headline figures and no parameters; what had to be assumed is printed.

#pragma once

#include <ostream>
#include <string>

#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/experiment.hpp"

namespace weir {

// Its three baselines and the policies of the options; all, where they name none. Throws Error for
// options that change what the tables say of work, nodes and measurements.
Experiment plan_paper(const CompareOptions& options, const std::string& command);

// Whether these are results of that plan.
bool is_paper(const ExperimentResults& results);

// The four indicators of every policy beside the paper's own, what was assumed, and which of the
// paper's claims no placement rule could make true here.
void print_paper(const ExperimentResults& results, ReportFormat format, std::ostream& out);

}  // namespace weir
