#include "runtime/process/program_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir {
namespace {

// What execvp() takes where PATH is not set.
constexpr std::string_view kStandardPath = "/bin:/usr/bin";

bool is_file(const std::string& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

}  // namespace

ProgramPath find_program(const std::string& name, std::string_view path) {
  if (name.find('/') != std::string::npos) return {name};
  if (name.empty()) return {.error = ENOENT};
  if (path.empty()) path = kStandardPath;
  int error = ENOENT;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t colon = std::min(path.find(':', at), path.size());
    const std::string_view folder = path.substr(at, colon - at);
    std::string file = (folder.empty() ? "." : std::string(folder)) + "/" + name;
    if (is_file(file)) {
      if (::access(file.c_str(), X_OK) == 0) return {std::move(file)};
      error = EACCES;
    }
    at = colon + 1;
  }
  return {.error = error};
}

}  // namespace weir
