#include "tools/run/position_place.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// A position of three streams takes 24 KB.
constexpr off_t kRoomBytes = 64 << 10;

std::string reason() { return std::strerror(errno); }

[[noreturn]] void refuse_place(const std::filesystem::path& path, const std::string& found) {
  throw Error("the position of the run cannot be kept", path.string() + ": " + found,
              "a folder that can be written to, on a disk with room",
              "--resume with a path in such a folder");
}

}  // namespace

PositionPlace::PositionPlace(std::filesystem::path path)
    : path_(std::move(path)), beside_(path_.string() + ".new") {
  std::error_code none;
  if (std::filesystem::exists(path_, none) && !std::filesystem::is_regular_file(path_, none)) {
    refuse_place(path_, "not a plain file");
  }
  do {
    open();
  } while (!is_still_there());
  // Now, and not when it is to pause: what was done until then would be lost.
  const int error = ::posix_fallocate(file_, 0, kRoomBytes);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    ::unlink(beside_.c_str());
    ::close(file_);
    refuse_place(path_, std::strerror(error));
  }
}

PositionPlace::~PositionPlace() {
  if (file_ < 0) return;
  if (is_still_there()) ::unlink(beside_.c_str());
  ::close(file_);
}

void PositionPlace::open() {
  if (file_ >= 0) ::close(file_);
  file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) refuse_place(path_, reason());
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(file_);
  throw Error("another run keeps its position there", beside_.string() + ", which it has locked",
              "a position for each of the runs that go on at one time",
              "waiting for its end, or --resume with another name; removing that file where its "
              "host is gone");
}

bool PositionPlace::is_still_there() const {
  struct stat opened {};
  struct stat there {};
  return ::fstat(file_, &opened) == 0 && ::stat(beside_.c_str(), &there) == 0 &&
         opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

void PositionPlace::write(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t bytes =
        ::pwrite(file_, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    done += static_cast<std::size_t>(bytes);
  }
  // On the disk before it takes the place of the position before.
  const bool kept = done == text.size() && ::ftruncate(file_, static_cast<off_t>(done)) == 0 &&
                    ::fsync(file_) == 0 && ::rename(beside_.c_str(), path_.c_str()) == 0;
  if (!kept) refuse_place(path_, reason());
}

}  // namespace weir
