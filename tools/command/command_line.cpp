#include "tools/command/command_line.hpp"

#include "runtime/base/error.hpp"

namespace weir {

namespace po = boost::program_options;

std::string words_of(const po::error& error) {
  const auto* const of_option = dynamic_cast<const po::error_with_option_name*>(&error);
  if (of_option != nullptr && of_option->get_option_name().find('%') != std::string::npos) {
    return "an option whose name has a per cent sign";
  }
  return error.what();
}

po::variables_map read_command_line(const std::vector<std::string>& arguments,
                                    const po::options_description& options,
                                    const CommandLineForm& form) {
  po::variables_map given;
  const auto style =
      po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(options)
                  .style(style)
                  .positional(po::positional_options_description().add(form.operand.c_str(),
                                                                       form.most_operands))
                  .run(),
              given);
  } catch (const po::error& error) {
    const std::string help = "weir " + form.command + " --help";
    throw Error("the options of weir " + form.command + " cannot be read", words_of(error),
                form.needed, help);
  }
  return given;
}

}  // namespace weir
