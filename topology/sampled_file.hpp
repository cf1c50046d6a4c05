// A small file of /proc or /sys/fs/cgroup that is read again and again.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace weir {

// Keeps the file open, because opening costs more than reading. Not for concurrent use.
class SampledFile {
 public:
  // A file that cannot be opened is absent for good.
  explicit SampledFile(const std::filesystem::path& path);
  SampledFile(SampledFile&& other) noexcept;
  SampledFile& operator=(SampledFile&& other) noexcept;
  ~SampledFile();

  bool present() const { return descriptor_ >= 0; }

  // The whole content as of now, nothing when it cannot be read. Valid until the buffer's next use.
  std::optional<std::string_view> read(std::vector<char>& buffer) const;

 private:
  int descriptor_ = -1;
};

// Takes the next line, without its line break, off the front of `text`; false at the end.
bool take_line(std::string_view& text, std::string_view& line);

// Takes the next word off the front of `line`; "" at the end.
std::string_view take_word(std::string_view& line);

std::optional<std::uint64_t> read_number(std::string_view word);

// The number after `key` in a file of "key number" lines; a unit behind the number is ignored.
std::optional<std::uint64_t> number_of_key(std::string_view text, std::string_view key);

}  // namespace weir
