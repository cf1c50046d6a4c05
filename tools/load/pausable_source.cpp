#include "tools/load/pausable_source.hpp"

#include "runtime/base/check.hpp"

namespace weir {

Task PausableSource::take() {
  WEIR_CHECK(!held_, "a task was taken from a source that is held");
  frontier_ = source_.next_due() + Duration(1);
  return source_.take();
}

void PausableSource::go_on_until(Instant end) {
  WEIR_CHECK(end >= frontier_, "a source cannot end before what was taken from it");
  end_ = end;
  held_ = false;
}

}  // namespace weir
