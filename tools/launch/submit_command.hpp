// `weir submit`: a job of Slurm in one line. Hands the script to sbatch, prints the job's number.

#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"

namespace weir {

struct SubmitOptions {
  std::vector<std::string> sbatch;      // its own, in their order
  std::vector<std::string> subcommand;  // of weir, with its arguments
  bool help = false;
};

// Throws Error for a subcommand of weir, with its arguments, that would be refused as soon as the
// job's turn has come.
using SubcommandCheck = std::function<void(const std::vector<std::string>& subcommand)>;

// What stands before `--` is sbatch's, what stands behind it is weir's. Throws Error.
SubmitOptions parse_submit_options(const std::vector<std::string>& arguments,
                                   const SubcommandCheck& check);

// slurm/weir.sbatch, or slurm/train.sbatch for `train`, which takes `program` where nobody names
// another one.
std::string job_script(const SubmitOptions& options, const std::string& program);

// What sbatch said when it refused, with what to try.
Error sbatch_refusal(const std::string& said);

// Prints the number of the job. Throws Error where there is none. Writes nothing to any disk.
// Ctrl-C ends sbatch; the exit code is 130 then, and the number is printed where Slurm has the job
// already.
int submit_command(const std::vector<std::string>& arguments, const SubcommandCheck& check,
                   std::ostream& out);

}  // namespace weir
