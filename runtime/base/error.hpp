// Bad input or a bad machine, seen at start: thrown where it is seen, caught only in main.

#pragma once

#include <stdexcept>
#include <string>

namespace weir {

// Four short texts: the problem in one line, what was found, what was needed, what to try. Units
// included. what() has them all, for those who know no more than std::exception.
class Error : public std::runtime_error {
 public:
  Error(const std::string& problem, std::string found, std::string needed, std::string try_this);

  // "PROBLEM\n  found   ...\n  needed  ...\n  try     ...", without a final line break.
  std::string report() const { return what(); }

  const std::string& problem() const { return problem_; }
  const std::string& found() const { return found_; }
  const std::string& needed() const { return needed_; }
  const std::string& try_this() const { return try_; }

 private:
  std::string problem_;
  std::string found_;
  std::string needed_;
  std::string try_;
};

// The exit code of every program that refuses its input.
inline constexpr int kExitBadInput = 2;

}  // namespace weir
