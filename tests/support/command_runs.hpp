// Commands of weir, called as `weir` calls them.

#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/refusal.hpp"

namespace weir {

using Command = int (*)(const std::vector<std::string>& arguments, std::ostream& out);

// What it prints, when all goes well.
inline std::string printed_by(Command command, const std::vector<std::string>& arguments) {
  std::ostringstream out;
  EXPECT_EQ(command(arguments, out), 0);
  return out.str();
}

// The report of its refusal; it has printed nothing by then.
inline std::string refused_by(Command command, const std::vector<std::string>& arguments) {
  std::ostringstream out;
  const std::string report = refusal([&] { command(arguments, out); });
  if (report != kNothingRefused) {
    EXPECT_EQ(out.str(), "");
  }
  return report;
}

}  // namespace weir
