// Takes what a child writes, of any length: a file without a name, whose short contents never reach
// the disk.

#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/bytes.hpp"

namespace weir {

// What a child has written.
struct ChildOutput {
  Bytes head;               // all of it, if it is no more than was asked for
  std::uint64_t total = 0;  // bytes
  // Where all of it lies if the head is not all of it: an absolute path, the receiver's to remove.
  // Empty as well where there was no room to keep it.
  std::string kept_file;
};

// For one child after another; used by one thread. A file that was written to is not used again:
// a process that has left its group may still have it open. One that has written nothing until
// then would be taken for a later child.
class OutputFile {
 public:
  // Files come into `folder`, on the disk or in memory as that is. Throws Error where it takes
  // none.
  explicit OutputFile(std::string folder);
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  // For a child to write to. Throws Error where the folder no longer takes files.
  int descriptor();

  // Once the child has ended. What is longer than `most_bytes` is kept in the folder under
  // `name`.
  ChildOutput take(std::size_t most_bytes, const std::string& name);

 private:
  std::string keep(const std::string& name) const;

  std::string folder_;
  int descriptor_ = -1;
};

}  // namespace weir
