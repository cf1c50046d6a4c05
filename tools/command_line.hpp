// The command line of a subcommand that takes options and one kind of operand.

#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace weir {

struct CommandLineForm {
  std::string command;    // "simulate"
  std::string operand;    // under which name operands are found
  int most_operands = 1;  // -1: any number
  std::string needed;     // of an error: what the command takes
};

// Options are not abbreviated. Throws Error for what is not in `options`.
boost::program_options::variables_map read_command_line(
    const std::vector<std::string>& arguments,
    const boost::program_options::options_description& options, const CommandLineForm& form);

}  // namespace weir
