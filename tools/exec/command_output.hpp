// Where the output of commands goes: each command's whole, none into another's.

#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include "tools/exec/command_task.hpp"

namespace weir {

class CommandOutput {
 public:
  virtual ~CommandOutput() = default;
  // Once for each command that has ended, in the order they ended. `host` is where it ran.
  virtual void add(std::uint64_t number, const std::string& host, CommandEnd& end) = 0;
  // A command that is not run: others need not wait for it.
  virtual void leave_out(std::uint64_t /*number*/) {}
  // What was added of commands below this number is handed on, unless there was a failure.
  virtual std::uint64_t handed_on_below() const { return UINT64_MAX; }
  // What was held back until now. Once, at the end.
  virtual void finish() {}
  // The reason why something could not be written, if so.
  const std::string& failure() const { return failure_; }

 protected:
  void note_failure(const std::string& reason) {
    if (failure_.empty()) failure_ = reason;
  }

 private:
  std::string failure_;
};

// To the standard output and error of this process.
class PrintedOutput final : public CommandOutput {
 public:
  // `clears_line`: a line of progress stands where it prints.
  explicit PrintedOutput(bool clears_line = false) : clears_line_(clears_line) {}
  void add(std::uint64_t number, const std::string& host, CommandEnd& end) override;

 private:
  bool clears_line_;
};

// The same in the order of the commands: what ends too early waits, in files once it is a lot.
class OrderedOutput final : public CommandOutput {
 public:
  // `folder` is for those files.
  OrderedOutput(PrintedOutput printed, std::string folder, std::size_t most_held_bytes = 64 << 20);

  void add(std::uint64_t number, const std::string& host, CommandEnd& end) override;
  void leave_out(std::uint64_t number) override;
  std::uint64_t handed_on_below() const override { return next_; }
  void finish() override;

 private:
  struct Held {
    std::string host;
    CommandEnd end;
  };
  void hold(std::uint64_t number, const std::string& host, CommandEnd& end);
  // False where there is no room, which is noted.
  bool move_to_disk(ChildOutput& output);
  void print_first();

  PrintedOutput printed_;
  std::string folder_;
  std::size_t most_held_bytes_;
  std::map<std::uint64_t, Held> held_;
  std::size_t held_bytes_ = 0;
  std::uint64_t next_ = 1;
};

// Into one file, with an index beside it: FILE.index has a line for each command, with tabs
// between: Seq, OutputAt and OutputBytes (where its standard output lies in FILE, from 0),
// ErrorsAt and ErrorsBytes (the same of its standard error).
class IndexedOutput final : public CommandOutput {
 public:
  // Replaces both files, or goes on with them. Throws Error where they cannot be written.
  explicit IndexedOutput(const std::string& path, bool goes_on = false);
  ~IndexedOutput() override;
  void add(std::uint64_t number, const std::string& host, CommandEnd& end) override;
  void finish() override;

 private:
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::ofstream index_;
};

// Where commands have written to files of their own: prints what weir has to say of them, such as
// that there was no place for these files.
class LoggedOutput final : public CommandOutput {
 public:
  void add(std::uint64_t number, const std::string& host, CommandEnd& end) override;
};

}  // namespace weir
