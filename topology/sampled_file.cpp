#include "topology/sampled_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

namespace weir {

SampledFile::SampledFile(const std::filesystem::path& path)
    : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

SampledFile::SampledFile(SampledFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

SampledFile& SampledFile::operator=(SampledFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

SampledFile::~SampledFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<std::string_view> SampledFile::read(std::vector<char>& buffer) const {
  constexpr std::size_t kFirstBytes = 4096;
  if (!present()) return std::nullopt;
  if (buffer.size() < kFirstBytes) buffer.resize(kFirstBytes);
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = pread(descriptor_, buffer.data() + filled, buffer.size() - filled,
                              static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return std::string_view(buffer.data(), filled);
    filled += static_cast<std::size_t>(got);
    // A kernel file makes its content anew for each read: it has to fit in one.
    if (filled == buffer.size()) {
      buffer.resize(buffer.size() * 2);
      filled = 0;
    }
  }
}

bool take_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const auto end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return true;
}

std::string_view take_word(std::string_view& line) {
  const auto start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return line = {};
  line.remove_prefix(start);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\n"));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> read_number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_of_key(std::string_view text, std::string_view key) {
  std::string_view line;
  while (take_line(text, line)) {
    if (take_word(line) == key) return read_number(take_word(line));
  }
  return std::nullopt;
}

}  // namespace weir
