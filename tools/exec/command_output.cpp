#include "tools/exec/command_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr std::size_t kCopyBytes = 256 * 1024;

// False, with errno, where the rest cannot be written.
bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool copy_all(int from, int to) {
  Bytes piece(kCopyBytes);
  for (;;) {
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    if (!write_all(to, std::span(piece).first(static_cast<std::size_t>(got)))) return false;
  }
}

void tell_rest(std::uint64_t number, const std::string& host, const ChildOutput& output) {
  const std::string rest = output.kept_file.empty() ? "is lost: there was no room for it"
                                                    : "is in " + output.kept_file + " on " + host;
  std::cerr << "weir-exec: warning: command " << number << " wrote " << output.total
            << " bytes, of which the first " << output.head.size() << " came here; all of it "
            << rest << std::endl;
}

// Writes all of it where it can be had. Gives the bytes that were written, or nothing, with errno.
std::optional<std::uint64_t> write_output(int descriptor, std::uint64_t number,
                                          const std::string& host, const ChildOutput& output) {
  if (output.total > output.head.size() && !output.kept_file.empty()) {
    const int kept = ::open(output.kept_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (kept >= 0) {
      const bool copied = copy_all(kept, descriptor);
      ::close(kept);
      ::unlink(output.kept_file.c_str());
      if (!copied) return std::nullopt;
      return output.total;
    }
  }
  if (output.total > output.head.size()) tell_rest(number, host, output);
  if (!write_all(descriptor, output.head)) return std::nullopt;
  return output.head.size();
}

}  // namespace

void PrintedOutput::add(std::uint64_t number, const std::string& host, CommandEnd& end) {
  if (end.output.total + end.errors.total == 0) return;
  if (clears_line_) std::cerr << "\r\033[K" << std::flush;
  if (!write_output(STDOUT_FILENO, number, host, end.output))
    note_failure(std::string("standard output: ") + std::strerror(errno));
  if (!write_output(STDERR_FILENO, number, host, end.errors))
    note_failure(std::string("standard error: ") + std::strerror(errno));
}

OrderedOutput::OrderedOutput(PrintedOutput printed, std::string folder, std::size_t most_held_bytes)
    : printed_(std::move(printed)), folder_(std::move(folder)), most_held_bytes_(most_held_bytes) {}

void OrderedOutput::add(std::uint64_t number, const std::string& host, CommandEnd& end) {
  hold(number, host, end);
  while (!held_.empty() && held_.begin()->first == next_) print_first();
}

void OrderedOutput::leave_out(std::uint64_t number) {
  CommandEnd nothing;
  add(number, {}, nothing);
}

void OrderedOutput::finish() {
  while (!held_.empty()) print_first();
}

void OrderedOutput::hold(std::uint64_t number, const std::string& host, CommandEnd& end) {
  for (ChildOutput* output : {&end.output, &end.errors}) {
    const bool fits = output->head.empty() || number == next_ ||
                      held_bytes_ + output->head.size() <= most_held_bytes_;
    if (fits || !output->kept_file.empty() || !move_to_disk(*output)) {
      held_bytes_ += output->head.size();
    }
  }
  held_.emplace(number, Held{host, std::move(end)});
}

bool OrderedOutput::move_to_disk(ChildOutput& output) {
  std::string name = folder_ + "/weir-exec-XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  const bool kept = file >= 0 && write_all(file, output.head);
  if (!kept) note_failure(name + ": " + std::strerror(errno));
  if (file >= 0) ::close(file);
  if (!kept) return false;
  output.kept_file = name;
  output.head = {};
  return true;
}

void OrderedOutput::print_first() {
  const auto first = held_.begin();
  auto& [number, held] = *first;
  held_bytes_ -= held.end.output.head.size() + held.end.errors.head.size();
  printed_.add(number, held.host, held.end);
  if (!printed_.failure().empty()) note_failure(printed_.failure());
  next_ = number + 1;
  held_.erase(first);
}

void LoggedOutput::add(std::uint64_t number, const std::string& host, CommandEnd& end) {
  write_output(STDERR_FILENO, number, host, end.errors);
}

IndexedOutput::IndexedOutput(const std::string& path, bool goes_on)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (goes_on ? O_APPEND : O_TRUNC),
                   0666)) {
  if (file_ >= 0) {
    index_.open(path + ".index", std::ios::binary | (goes_on ? std::ios::app : std::ios::trunc));
  }
  if (file_ < 0 || !index_) {
    throw Error("the output cannot be written", path + ": " + std::strerror(errno),
                "a file that can be written, and room for its index", "--output with another path");
  }
  size_ = static_cast<std::uint64_t>(::lseek(file_, 0, SEEK_END));
  index_.seekp(0, std::ios::end);
  if (index_.tellp() > 0) return;
  index_ << "Seq\tOutputAt\tOutputBytes\tErrorsAt\tErrorsBytes\n";
}

IndexedOutput::~IndexedOutput() {
  if (file_ >= 0) ::close(file_);
}

void IndexedOutput::add(std::uint64_t number, const std::string& host, CommandEnd& end) {
  if (!failure().empty()) return;  // What follows would not lie where the index says.
  const std::uint64_t output_at = size_;
  const auto output = write_output(file_, number, host, end.output);
  const std::uint64_t errors_at = output_at + output.value_or(0);
  const auto errors = output ? write_output(file_, number, host, end.errors) : std::nullopt;
  if (!errors) {
    note_failure(std::string("the file of --output: ") + std::strerror(errno));
    return;
  }
  size_ = errors_at + *errors;
  index_ << number << '\t' << output_at << '\t' << *output << '\t' << errors_at << '\t' << *errors
         << '\n'
         << std::flush;
}

void IndexedOutput::finish() {
  index_.close();
  if (index_.fail()) note_failure("the index of --output could not be written");
}

}  // namespace weir
