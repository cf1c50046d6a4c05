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

// What is wrong, in its words. They must be had from here: Boost puts names into its texts, and
// does not end where a name is one of its own marks, such as %prefix%.
std::string words_of(const boost::program_options::error& error);

// Options are not abbreviated. Throws Error for what is not in `options`.
boost::program_options::variables_map read_command_line(
    const std::vector<std::string>& arguments,
    const boost::program_options::options_description& options, const CommandLineForm& form);

}  // namespace weir
