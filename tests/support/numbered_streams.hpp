// Streams with the ids that a home gives their tasks.

#pragma once

#include <vector>

#include "tests/support/streams.hpp"
#include "tools/load/stream_source.hpp"

namespace weir {

// Finance and iot, two seconds at 200 tasks/s each.
inline std::vector<NumberedStream> two_streams() {
  std::vector<NumberedStream> streams;
  streams.push_back({make_stream("finance", at_rate(200, 2)), StreamId(0), ClassId(0), KindId(0)});
  streams.push_back({make_stream("iot", at_rate(200, 2)), StreamId(1), ClassId(1), KindId(2)});
  return streams;
}

}  // namespace weir
