// A pipe for a child process to write to, and a thread that takes what it wrote.

#pragma once

#include <array>
#include <functional>
#include <string_view>
#include <thread>

namespace weir {

class PipeRelay {
 public:
  // `pass` gets the pieces in their order, on the relay's thread. Throws Error without open files.
  explicit PipeRelay(std::function<void(std::string_view)> pass);
  ~PipeRelay();
  PipeRelay(const PipeRelay&) = delete;
  PipeRelay& operator=(const PipeRelay&) = delete;

  int write_end() const { return pipe_[1]; }
  // After the signals of this process have been blocked, and after the fork.
  void start();
  // Passes on what has been written so far. Programs that the child left behind may keep the pipe
  // open.
  void finish();

 private:
  void copy();

  std::function<void(std::string_view)> pass_;
  int ended_;
  std::array<int, 2> pipe_{-1, -1};
  std::thread thread_;
};

// Zero, or the error (errno) that ended it.
int write_all(int file, std::string_view text);

}  // namespace weir
