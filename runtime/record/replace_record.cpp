#include "runtime/record/replace_record.hpp"

#include <system_error>

#include "runtime/base/error.hpp"

namespace weir {

void replace_record(const std::filesystem::path& path, const std::string& what,
                    const std::function<RecordOutcome(const std::filesystem::path&)>& write) {
  const std::filesystem::path unfinished = path.string() + ".writing";
  std::error_code ignored;
  try {
    const RecordOutcome outcome = write(unfinished);
    if (outcome.failure) {
      throw Error(what + " cannot be written", path.string() + ": " + *outcome.failure,
                  "room on the disk", "another place");
    }
    std::filesystem::rename(unfinished, path);
  } catch (const std::filesystem::filesystem_error& error) {
    std::filesystem::remove(unfinished, ignored);
    throw Error(what + " cannot be written", error.what(), "a place where a file can be made",
                "another name");
  } catch (...) {
    std::filesystem::remove(unfinished, ignored);
    throw;
  }
}

}  // namespace weir
