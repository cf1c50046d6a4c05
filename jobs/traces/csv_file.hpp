// Lines of a text file, plain or gzip-compressed.

#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace weir {

// Reads in blocks of 64 KiB; never holds more than that and one line.
class CsvFile {
 public:
  // Throws Error when the file is missing or cannot be opened.
  explicit CsvFile(std::filesystem::path path);

  // The next line that is not empty, without its line break; valid until the next call. False at
  // the end. Throws Error for damaged or truncated compressed data.
  bool next_line(std::string_view& line);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t line_number() const { return line_number_; }  // Of the last line, from 1.

  // Throws Error about the last line.
  [[noreturn]] void refuse(std::string found, std::string needed) const;

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  bool fill();

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool at_end_ = false;
  std::uint64_t line_number_ = 0;
};

}  // namespace weir
