#include "tools/experiment/whole_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "runtime/base/error.hpp"

namespace weir {

void write_whole_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path unfinished = path.string() + ".writing";
  std::error_code error;
  errno = 0;
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) std::filesystem::rename(unfinished, path, error);
  if (out && !error) return;
  const std::string reason = error ? error.message() : std::strerror(errno);
  std::filesystem::remove(unfinished, error);
  throw Error("a file cannot be written", path.string() + ": " + reason,
              "room, and permission to make files in that folder", "another place");
}

}  // namespace weir
