// A line about every command that has run, in the columns of GNU parallel's --joblog.

#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "tools/exec/command_task.hpp"

namespace weir {

class JobLog {
 public:
  // Replaces the file, or goes on with it. Throws Error where it cannot be written.
  explicit JobLog(const std::string& path, bool goes_on = false);

  // At once in the file. Columns, with tabs between: Seq, Host, Starttime (seconds since 1970),
  // JobRuntime (seconds), Send (always 0), Receive (bytes of standard output), Exitval (-1 after a
  // time limit), Signal, Command (a line end in it is written as \n).
  void add(std::uint64_t number, const std::string& host, const CommandEnd& end,
           const std::string& command);

  // Whether a line could not be written, for want of room for example.
  bool failed() const { return file_.fail(); }
  // errno of the first line that could not be written; 0 where all were.
  int close();

 private:
  int error_ = 0;
  std::ofstream file_;
};

}  // namespace weir
