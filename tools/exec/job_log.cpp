#include "tools/exec/job_log.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

std::string seconds_text(double seconds, int width) {
  char text[64];
  std::snprintf(text, sizeof text, "%*.3f", width, seconds);
  return text;
}

std::string in_one_line(const std::string& command) {
  std::string text;
  for (const char c : command) {
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

JobLog::JobLog(const std::string& path, bool goes_on)
    : file_(path, std::ios::binary | (goes_on ? std::ios::app : std::ios::trunc)) {
  if (!file_) {
    throw Error("the job log cannot be written", path + ": " + std::strerror(errno),
                "a file that can be written", "--joblog with another path");
  }
  file_.seekp(0, std::ios::end);
  if (file_.tellp() > 0) return;
  file_ << "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";
}

void JobLog::add(std::uint64_t number, const std::string& host, const CommandEnd& end,
                 const std::string& command) {
  errno = 0;
  const int exit_value = end.child.ended_by == EndedBy::kTimeLimit ? -1 : end.child.exit_code;
  file_ << number << '\t' << host << '\t' << seconds_text(end.started_at_s, 0) << '\t'
        << seconds_text(to_seconds(end.took), 10) << "\t0\t" << end.output.total << '\t'
        << exit_value << '\t' << end.child.signal << '\t' << in_one_line(command) << '\n'
        << std::flush;
  if (file_.fail() && error_ == 0) error_ = errno != 0 ? errno : EIO;
}

int JobLog::close() {
  errno = 0;
  file_.close();
  if (error_ == 0 && file_.fail()) error_ = errno != 0 ? errno : EIO;
  return error_;
}

}  // namespace weir
