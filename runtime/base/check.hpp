// WEIR_CHECK ends the job on a mistake in weir itself. On in every build.

#pragma once

#include <string_view>

namespace weir {

using FailureHook = void (*)();

// Called after the report and before the process aborts, so that all ranks end together. The one
// global of weir: a failed check has nobody to hand its collaborators in. Set once, at start.
void set_failure_hook(FailureHook hook);

[[noreturn]] void fail_check(const char* condition, const char* file, int line,
                             std::string_view message);

}  // namespace weir

#define WEIR_CHECK(condition, message)                               \
  do {                                                               \
    if (!(condition)) [[unlikely]]                                   \
      ::weir::fail_check(#condition, __FILE__, __LINE__, (message)); \
  } while (false)
