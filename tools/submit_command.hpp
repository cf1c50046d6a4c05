// `weir submit`: a job of Slurm in one line. Writes the script, calls sbatch, prints the job's
// number.

#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"

namespace weir {

struct SubmitOptions {
  std::vector<std::string> sbatch;      // its own, in their order
  std::vector<std::string> subcommand;  // of weir, with its arguments
  bool help = false;
};

// What stands before `--` is sbatch's, what stands behind it is weir's. The options of `run` are
// read as `weir run` will read them. Throws Error.
SubmitOptions parse_submit_options(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment);

// slurm/weir.sbatch, or slurm/train.sbatch for `train`, which takes `program` where nobody names
// another one.
std::string job_script(const SubmitOptions& options, const std::string& program);

// What sbatch said when it refused, with what to try.
Error sbatch_refusal(const std::string& said);

// Prints the number of the job. Throws Error where there is none.
int submit_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
