#include "tools/exec/command_feed.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// What is read ahead of the ranks.
constexpr std::size_t kMostWaitingBytes = 8 << 20;
// What a waiting text costs beside its bytes.
constexpr std::size_t kTextOverhead = 64;
constexpr std::size_t kReadBytes = 64 * 1024;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

[[noreturn]] void refuse(const std::string& path, const std::string& found) {
  throw Error("the commands cannot be read", path + ": " + found,
              "a readable file or pipe with a command or value on each line",
              "the path of such a file, or - for standard input");
}

}  // namespace

CommandFeed::CommandFeed(std::vector<std::string> values)
    : at_hand_(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end())),
      read_count_(at_hand_.size()),
      ended_(true) {}

CommandFeed::CommandFeed(const CommandFeedOptions& options) : options_(options) {
  const bool is_stdin = options_.path == "-";
  file_ = is_stdin ? ::dup(STDIN_FILENO) : ::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) refuse(is_stdin ? "standard input" : options_.path, std::strerror(errno));
  struct stat found {};
  ::fstat(file_, &found);
  if (S_ISDIR(found.st_mode)) {
    ::close(file_);
    refuse(options_.path, "a folder");
  }
  if (S_ISREG(found.st_mode)) size_ = static_cast<std::uint64_t>(found.st_size);
  ::fcntl(file_, F_SETFD, FD_CLOEXEC);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
}

CommandFeed::~CommandFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.notify_all();
  if (stop_ >= 0) ::eventfd_write(stop_, 1);
  if (reader_.joinable()) reader_.join();
  if (file_ >= 0) ::close(file_);
  if (stop_ >= 0) ::close(stop_);
}

void CommandFeed::start(std::function<void()> notify) {
  notify_ = std::move(notify);
  if (file_ >= 0) reader_ = std::thread([this] { read(); });
}

bool CommandFeed::ready() {
  if (!at_hand_.empty()) return true;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return false;
    at_hand_.swap(waiting_);
    waiting_bytes_ = 0;
  }
  room_.notify_one();
  return true;
}

std::string CommandFeed::take() {
  std::string text = std::move(at_hand_.front());
  at_hand_.pop_front();
  ++taken_;
  return text;
}

bool CommandFeed::ended() {
  if (ready()) return false;
  const std::lock_guard lock(mutex_);
  return ended_ && waiting_.empty();
}

bool CommandFeed::all_read() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::string CommandFeed::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::optional<double> CommandFeed::expected_count() {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<double>(read_count_);
  if (ended_) return count;
  if (size_ == 0 || read_bytes_ == 0) return std::nullopt;
  return count * static_cast<double>(size_) / static_cast<double>(read_bytes_);
}

bool CommandFeed::wait_until_readable() const {
  std::array<pollfd, 2> watched{{{file_, POLLIN, 0}, {stop_, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return watched[1].revents == 0;
}

void CommandFeed::read() {
  std::array<char, kReadBytes> piece;
  std::string rest;
  std::uint64_t bytes_read = 0;
  while (wait_until_readable()) {
    const ssize_t got = ::read(file_, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return end(Error("the commands cannot be read to their end",
                       options_.path + ": " + std::strerror(errno), "a file that can be read",
                       "reading it with cat")
                     .report());
    }
    if (got == 0) {
      ++number_;
      undress(rest);
      if (!rest.empty() && !accept(std::move(rest), bytes_read)) return;
      return end({});
    }
    if (!split(rest, {piece.data(), static_cast<std::size_t>(got)}, bytes_read)) return;
  }
}

bool CommandFeed::split(std::string& rest, std::string_view piece, std::uint64_t& bytes_read) {
  const auto refuse_text = [this](const std::string& found) {
    end(Error("the commands cannot be read to their end",
              (options_.path == "-" ? "standard input" : options_.path) + ", line " +
                  std::to_string(number_) + ": " + found,
              "text with lines of at most " + std::to_string(kMostTextBytes) + " bytes",
              "the list of commands itself; --null where values end with NUL bytes")
            .report());
    return false;
  };
  while (!piece.empty()) {
    const std::size_t at = piece.find(options_.delimiter);
    const std::string_view part = piece.substr(0, at);
    rest += part;
    bytes_read += part.size() + (at == std::string_view::npos ? 0 : 1);
    if (rest.size() > kMostTextBytes) {
      ++number_;
      return refuse_text("longer than that");
    }
    const bool is_text = rest.find('\0') == std::string::npos;
    if (at == std::string_view::npos && is_text) break;
    ++number_;
    if (!is_text) return refuse_text("a NUL byte, as in binary files");
    undress(rest);
    if (!accept(std::exchange(rest, {}), bytes_read)) return false;
    piece.remove_prefix(at + 1);
  }
  return true;
}

// The first line tells whether the lines are those of Windows: then none keeps its carriage return,
// which a shell would take for a part of the last word.
void CommandFeed::undress(std::string& line) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (options_.delimiter != '\n') return;
  if (number_ == 1) {
    if (line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    of_windows_ = line.ends_with('\r');
  }
  if (of_windows_ && line.ends_with('\r')) line.pop_back();
}

bool CommandFeed::accept(std::string text, std::uint64_t bytes_read) {
  if (options_.skips_blank && is_blank(text)) return true;
  bool was_empty = false;
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return stopping_ || waiting_bytes_ < kMostWaitingBytes; });
    if (stopping_) return false;
    was_empty = waiting_.empty();
    waiting_bytes_ += text.size() + kTextOverhead;
    waiting_.push_back(std::move(text));
    ++read_count_;
    read_bytes_ = bytes_read;
  }
  if (was_empty) notify_();
  return true;
}

void CommandFeed::end(std::string failure) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure_ = std::move(failure);
  }
  notify_();
}

}  // namespace weir
