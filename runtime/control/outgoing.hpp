// What a coordinator has to say. On its own rank there may be several whom it could mean.

#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct Outgoing {
  RankId to;
  int level = 0;  // 0: the node of that rank, else its coordinator of that level
  Message message;
};

}  // namespace weir
