#include "runtime/ledger/ledger_folder.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/ledger/ledger_file.hpp"

namespace weir {
namespace {

constexpr const char* kLockFile = "lock";

Error unusable(const std::filesystem::path& folder, const std::string& why) {
  return {"the folder of the ledger cannot be used", folder.string() + ": " + why,
          "a folder that may be written, or made", "--ledger with another folder"};
}

Error unsafe(const std::filesystem::path& folder, const std::string& why) {
  return {"the ledger's file system does not keep two programs apart", folder.string() + ": " + why,
          "a local disk, or a parallel file system with locks",
          "--ledger with a folder of another file system"};
}

int open_lock(const std::filesystem::path& folder) {
  return ::open((folder / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

// Of the open file, not of the process: a second one in this process is refused, too.
bool try_lock(int file) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file, F_OFD_SETLK, &whole) == 0;
}

bool try_lock_for(int file, Duration patience) {
  constexpr Duration kPause = std::chrono::milliseconds(50);
  bool locked = try_lock(file);
  for (Duration waited{0}; !locked && waited < patience; waited += kPause) {
    std::this_thread::sleep_for(kPause);
    locked = try_lock(file);
  }
  return locked;
}

}  // namespace

LedgerFolder::LedgerFolder(std::filesystem::path folder, Duration patience)
    : folder_(std::move(folder)) {
  std::error_code failure;
  std::filesystem::create_directory(folder_, failure);
  if (failure && failure != std::errc::file_exists) throw unusable(folder_, failure.message());
  struct statfs system {};
  if (::statfs(folder_.c_str(), &system) != 0) throw unusable(folder_, std::strerror(errno));
  if (system.f_type == NFS_SUPER_MAGIC) throw unsafe(folder_, "it is NFS");
  lock_ = open_lock(folder_);
  if (lock_ < 0) throw unusable(folder_, std::strerror(errno));
  if (!try_lock_for(lock_, patience)) {
    const int why = errno;
    ::close(std::exchange(lock_, -1));
    if (why != EAGAIN && why != EACCES) throw unsafe(folder_, std::strerror(why));
    throw Error("this ledger is in use", folder_.string() + ", which another job holds",
                "a folder for each job", "to wait for its end, or --ledger with another folder");
  }
  const int second = open_lock(folder_);
  const bool both = second >= 0 && try_lock(second);
  if (second >= 0) ::close(second);
  if (!both) return;
  ::close(std::exchange(lock_, -1));
  throw unsafe(folder_, "a lock that is held is given again");
}

LedgerFolder::~LedgerFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void LedgerFolder::for_each_row(
    const std::string& work, const std::string& query, bool of_copies,
    const std::function<void(const SqliteStatement&, const std::filesystem::path&)>& on_row) const {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (is_ledger_file(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    SqliteDatabase database = open_ledger_file(path, work);
    try {
      if (of_copies && !has_table_of_copies(database)) continue;
      SqliteStatement rows = database.prepare(query);
      while (rows.step()) on_row(rows, path);
    } catch (const SqliteFailure& failure) {
      throw refusal_of(path, failure);
    }
  }
}

void LedgerFolder::read(const std::string& work,
                        const std::function<void(LedgerEnd)>& on_end) const {
  for_each_row(work, "SELECT id, attempt, failed, result FROM ended", false,
               [&on_end](const SqliteStatement& row, const std::filesystem::path&) {
                 on_end({.id = TaskId(static_cast<std::uint64_t>(row.number(0))),
                         .attempt = static_cast<std::uint32_t>(row.number(1)),
                         .failed = row.number(2) != 0,
                         .result = row.bytes(3)});
               });
}

void LedgerFolder::read_copies(
    const std::string& work,
    const std::function<void(LedgerCopy, const std::filesystem::path&)>& on_copy) const {
  for_each_row(work, "SELECT share, generation, content FROM copies", true,
               [&on_copy](const SqliteStatement& row, const std::filesystem::path& path) {
                 on_copy({.share = static_cast<int>(row.number(0)),
                          .generation = static_cast<std::uint32_t>(row.number(1)),
                          .content = row.bytes(2)},
                         path);
               });
}

}  // namespace weir
