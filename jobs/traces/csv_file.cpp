#include "jobs/traces/csv_file.hpp"

#include <cerrno>
#include <cstring>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::size_t kMaxLineBytes = 1024 * 1024;

}  // namespace

CsvFile::CsvFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path_, ignored)) {
    throw Error("cannot read trace " + path_.string(), "a folder", "a CSV or CSV.gz file",
                "the path of one of the files in it");
  }
  // Every rank reads the whole file, some of them twice, which a pipe or a device does not give.
  if (std::filesystem::exists(path_, ignored) &&
      !std::filesystem::is_regular_file(path_, ignored)) {
    throw Error("cannot read trace " + path_.string(), "a pipe or a device", "a CSV or CSV.gz file",
                "a copy of the trace in a file");
  }
  errno = 0;
  file_.reset(gzopen(path_.c_str(), "rb"));
  if (file_ == nullptr) {
    throw Error("cannot read trace " + path_.string(), std::strerror(errno),
                "a CSV or CSV.gz file that may be read", "check the path");
  }
}

void CsvFile::refuse(std::string found, std::string needed) const {
  throw Error("cannot read trace " + path_.string() + ", line " + std::to_string(line_number_),
              std::move(found), std::move(needed),
              "mend that line, or fetch the file again; jobs/README.md lists the formats");
}

bool CsvFile::fill() {
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.size() > kMaxLineBytes) {
    ++line_number_;
    refuse("a line of more than 1 MiB", "lines of comma-separated values");
  }
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kBlockBytes);
  const int got = gzread(file_.get(), buffer_.data() + had, kBlockBytes);
  buffer_.resize(had + static_cast<std::size_t>(std::max(got, 0)));
  int status = Z_OK;
  const std::string message = gzerror(file_.get(), &status);
  if (got < 0 || (got < static_cast<int>(kBlockBytes) && status == Z_BUF_ERROR)) {
    throw Error(
        "cannot read trace " + path_.string() + " after line " + std::to_string(line_number_),
        status == Z_BUF_ERROR ? "a compressed file that ends too early" : message,
        "a whole, undamaged gzip file", "fetch the file again");
  }
  at_end_ = got == 0;
  return !at_end_;
}

bool CsvFile::next_line(std::string_view& line) {
  for (;;) {
    std::size_t end = buffer_.find('\n', begin_);
    while (end == std::string::npos && fill()) end = buffer_.find('\n', begin_);
    if (end == std::string::npos && begin_ == buffer_.size()) return false;
    const bool last = end == std::string::npos;
    line = std::string_view(buffer_).substr(begin_, last ? buffer_.size() - begin_ : end - begin_);
    begin_ = last ? buffer_.size() : end + 1;
    ++line_number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) return true;
  }
}

}  // namespace weir
