// Which file a command's first word means.

#pragma once

#include <string>
#include <string_view>

namespace weir {

// As execvp() finds it: a name with a slash is taken as it is; any other is
// looked up in `path`, the value of PATH. `error` is 0, ENOENT, or EACCES where a file of that name
// exists that may not be run.
struct ProgramPath {
  std::string file;
  int error = 0;
};
ProgramPath find_program(const std::string& name, std::string_view path);

}  // namespace weir
