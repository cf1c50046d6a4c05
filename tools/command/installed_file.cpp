#include "tools/command/installed_file.hpp"

#include <system_error>

namespace weir {

std::filesystem::path installed_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return installed_file(path, std::filesystem::read_symlink("/proc/self/exe", ignored));
}

std::filesystem::path installed_file(const std::filesystem::path& path,
                                     const std::filesystem::path& program) {
  std::error_code ignored;
  if (path.is_absolute() || path.empty() || std::filesystem::exists(path, ignored)) return path;
  const auto shared = program.parent_path().parent_path() / "share" / "weir" / path;
  return std::filesystem::exists(shared, ignored) ? shared : path;
}

}  // namespace weir
