#include "runtime/record/replace_record.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

std::filesystem::path unfinished_of(const std::filesystem::path& path) {
  return path.string() + ".writing";
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what,
                         const std::string& found) {
  throw Error(what + " cannot be written", path.string() + ": " + found,
              "a folder in which this user may make files, with room for one", "another place");
}

}  // namespace

void replace_record(const std::filesystem::path& path, const std::string& what,
                    const std::function<RecordOutcome(const std::filesystem::path&)>& write) {
  const std::filesystem::path unfinished = unfinished_of(path);
  std::error_code ignored;
  std::string found;
  try {
    const RecordOutcome outcome = write(unfinished);
    if (!outcome.failure) {
      std::filesystem::rename(unfinished, path);
      return;
    }
    found = *outcome.failure;
  } catch (const std::filesystem::filesystem_error& error) {
    found = error.code().message();
  } catch (const Error& error) {
    // A writer of records names the unfinished file, and what to try when a run is recorded.
    found = error.found();
  } catch (...) {
    std::filesystem::remove(unfinished, ignored);
    throw;
  }
  std::filesystem::remove(unfinished, ignored);
  refuse(path, what, found);
}

void require_replaceable(const std::filesystem::path& path, const std::string& what) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuse(path, what, "a folder");
  // A device, a pipe or a link would be replaced, not written to.
  const auto status = std::filesystem::symlink_status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    refuse(path, what, "no plain file");
  }
  const std::filesystem::path unfinished = unfinished_of(path);
  errno = 0;
  if (!std::ofstream(unfinished, std::ios::binary | std::ios::trunc)) {
    refuse(path, what, std::generic_category().message(errno));
  }
  std::filesystem::remove(unfinished, error);
}

}  // namespace weir
