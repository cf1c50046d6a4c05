// The place of a run's position: a file of which there is always a whole one, or none, and which
// one run at a time may have.

#pragma once

#include <filesystem>
#include <string>

namespace weir {

// While it lives, a FILE.new of 64 KB lies beside FILE: locked, and room for a position. The
// kernel unlocks it when the process ends, however it ends. On file systems that know no locks two
// runs are not kept apart. Used by one thread.
class PositionPlace {
 public:
  // Throws Error where no position can be kept there, or another run has the place.
  explicit PositionPlace(std::filesystem::path path);
  // Leaves nothing but FILE.
  ~PositionPlace();
  PositionPlace(const PositionPlace&) = delete;
  PositionPlace& operator=(const PositionPlace&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Beside the file, which it then becomes. Once. Throws Error; then the file is as it was.
  void write(const std::string& text);

 private:
  void open();
  // Another run may have made it its position since it was opened.
  bool is_still_there() const;

  std::filesystem::path path_;
  std::filesystem::path beside_;
  int file_ = -1;
};

}  // namespace weir
