// A command on its way to the rank that runs it, and what became of it on the way back.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"
#include "runtime/process/child_process.hpp"
#include "runtime/process/output_file.hpp"

namespace weir {

struct CommandTask {
  std::uint64_t number = 0;        // its place in the input, from 1
  bool for_shell = false;          // the one word is a line for sh
  std::vector<std::string> words;  // at least one
};

struct CommandEnd {
  bool ran = false;  // false: its turn came when no command was to be started any more
  // Of the host that ran it, in seconds since 1970: the one place where the time of day counts.
  double started_at_s = 0;
  Duration took{0};
  ChildEnd child;
  ChildOutput output;
  ChildOutput errors;

  // Also where it was told to end and said that all was well.
  bool failed() const {
    return child.exit_code != 0 || child.signal != 0 || child.ended_by != EndedBy::kItself;
  }
};

Bytes encode(const CommandTask& task);
Bytes encode(const CommandEnd& end);
// Nothing where the bytes are something else.
std::optional<CommandTask> decode_command_task(std::span<const std::byte> bytes);
std::optional<CommandEnd> decode_command_end(std::span<const std::byte> bytes);

}  // namespace weir
