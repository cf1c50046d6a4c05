// What is to be run, in the order it was given: lines of a file or of standard input, or values
// from the command line.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir {

struct CommandFeedOptions {
  std::string path;  // "-": standard input
  char delimiter = '\n';
  bool skips_blank = true;  // texts that are empty or all blanks
};

// Files and streams are read on a thread of their own, because a stream may keep its reader waiting
// for ever. It stays ahead by a bounded number of bytes.
class CommandFeed {
 public:
  // The kernel takes no longer text as an argument.
  static constexpr std::size_t kMostTextBytes = 128 * 1024 - 1;

  explicit CommandFeed(std::vector<std::string> values);
  // Throws Error where the file cannot be opened.
  explicit CommandFeed(const CommandFeedOptions& options);
  ~CommandFeed();
  CommandFeed(const CommandFeed&) = delete;
  CommandFeed& operator=(const CommandFeed&) = delete;

  // Starts to read. `notify` is called on the reading thread when there is something to take after
  // there was nothing, and at the end.
  void start(std::function<void()> notify);

  // The rest is for one thread. Whether take() gives a text now.
  bool ready();
  std::string take();
  std::uint64_t taken() const { return taken_; }
  // Whether nothing more will come.
  bool ended();
  // Whether everything has been read, if not taken.
  bool all_read();
  // Once it has ended: why before the end of the input, as a report, or empty.
  std::string failure();
  // How many texts there are, taken ones included: exact at the end, before that judged by what a
  // file's first part held; nothing of a stream.
  std::optional<double> expected_count();

 private:
  void read();
  bool wait_until_readable() const;
  void undress(std::string& line);
  // False when the reader is to stop.
  bool accept(std::string text, std::uint64_t bytes_read);
  bool split(std::string& rest, std::string_view piece, std::uint64_t& bytes_read);
  void end(std::string failure);

  CommandFeedOptions options_;
  int file_ = -1;
  int stop_ = -1;             // readable when the reader is to stop
  std::uint64_t size_ = 0;    // of a plain file
  std::uint64_t number_ = 0;  // of the text that is being read
  bool of_windows_ = false;   // lines end with a carriage return before the line feed
  std::function<void()> notify_;

  std::deque<std::string> at_hand_;  // of the taking thread
  std::uint64_t taken_ = 0;

  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t read_count_ = 0;
  std::uint64_t read_bytes_ = 0;
  bool ended_ = false;
  bool stopping_ = false;
  std::string failure_;

  std::thread reader_;
};

}  // namespace weir
