// Ends of commands, for tests of what is done with them.

#pragma once

#include <string>
#include <string_view>

#include "tools/exec/command_task.hpp"

namespace weir {

inline ChildOutput output_of(std::string_view text) {
  ChildOutput output;
  ByteWriter(output.head).raw(text.data(), text.size());
  output.total = text.size();
  return output;
}

inline CommandEnd end_with(std::string_view output, std::string_view errors = {}) {
  CommandEnd end;
  end.ran = true;
  end.output = output_of(output);
  end.errors = output_of(errors);
  return end;
}

inline std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace weir
