// What another rank needs in order to go on for this home, should its rank die.

#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"

namespace weir {

// Made and taken up between two events.
class HomeCopies {
 public:
  virtual ~HomeCopies() = default;

  // Of all shares that this home has, own and adopted.
  virtual Bytes copy() = 0;

  // Goes on with them beside its own.
  virtual void adopt(const Bytes& copy) = 0;

  // Does all that this home was to do from the begin, beside its own: nobody has a copy of it, so
  // that what completed there is counted nowhere.
  virtual void begin_anew(RankId home) = 0;
};

}  // namespace weir
