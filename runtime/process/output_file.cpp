#include "runtime/process/output_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// Appended to, as a command may open it once more (/dev/stderr) and has another place in it then.
// Where the file system has no files without a name, one that loses it at once.
int open_nameless(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  std::string name = folder + "/weir-output-XXXXXX";
  const int named = ::mkostemp(name.data(), O_APPEND | O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

bool copy_all(int from, int to, std::uint64_t total) {
  for (off_t done = 0; static_cast<std::uint64_t>(done) < total;) {
    const std::size_t rest = static_cast<std::size_t>(total - static_cast<std::uint64_t>(done));
    if (::sendfile(to, from, &done, std::min<std::size_t>(rest, 1 << 30)) <= 0) return false;
  }
  return true;
}

Bytes read_head(int file, std::size_t size) {
  Bytes head(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file, head.data() + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  head.resize(done);
  return head;
}

}  // namespace

OutputFile::OutputFile(std::string folder) : folder_(std::move(folder)) { descriptor(); }

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : folder_(std::move(other.folder_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

int OutputFile::descriptor() {
  if (descriptor_ >= 0) return descriptor_;
  descriptor_ = open_nameless(folder_);
  if (descriptor_ < 0) {
    throw Error("the output of commands finds no place", folder_ + ": " + std::strerror(errno),
                "a folder that files can be made in", "TMPDIR=/path/of/such/a/folder");
  }
  return descriptor_;
}

ChildOutput OutputFile::take(std::size_t most_bytes, const std::string& name) {
  ChildOutput output;
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  if (size <= 0) return output;
  output.total = static_cast<std::uint64_t>(size);
  output.head = read_head(descriptor_, std::min<std::uint64_t>(output.total, most_bytes));
  if (output.total > most_bytes) output.kept_file = keep(name);
  ::close(std::exchange(descriptor_, -1));
  return output;
}

std::string OutputFile::keep(const std::string& name) const {
  std::string file = folder_ + "/" + name;
  const std::string own = "/proc/self/fd/" + std::to_string(descriptor_);
  if (::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, file.c_str(), AT_SYMLINK_FOLLOW) == 0) return file;
  const int copy = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (copy < 0) return {};
  const off_t total = ::lseek(descriptor_, 0, SEEK_END);
  const bool copied = copy_all(descriptor_, copy, static_cast<std::uint64_t>(total));
  ::close(copy);
  if (copied) return file;
  ::unlink(file.c_str());
  return {};
}

}  // namespace weir
