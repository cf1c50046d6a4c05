#include "runtime/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace weir {
namespace {

FailureHook g_failure_hook = nullptr;

}  // namespace

void set_failure_hook(FailureHook hook) { g_failure_hook = hook; }

void fail_check(const char* condition, const char* file, int line, std::string_view message) {
  std::fprintf(stderr, "weir: check failed: %s (%s:%d)\n  %.*s\n", condition, file, line,
               static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  if (g_failure_hook != nullptr) g_failure_hook();
  std::abort();
}

}  // namespace weir
