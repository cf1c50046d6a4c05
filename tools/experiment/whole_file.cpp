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

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  throw Error("the folder for the results cannot be made", folder.string() + ": " + error.message(),
              "a folder in which files can be made", "another place with --out");
}

}  // namespace weir
