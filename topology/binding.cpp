#include "topology/binding.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Room for every number a Cpuset can hold: the kernel refuses a mask smaller than its own.
struct Mask {
  static constexpr std::size_t kBytes = (Cpuset::kMaxIndex + 1) / 8;
  std::array<cpu_set_t, kBytes / sizeof(cpu_set_t)> words{};
};

bool set_affinity(const Cpuset& cpuset) {
  Mask mask;
  for (const int index : cpuset.indices()) CPU_SET_S(index, Mask::kBytes, mask.words.data());
  return sched_setaffinity(0, Mask::kBytes, mask.words.data()) == 0;
}

// The kernel's struct sched_attr, of which Debian's C library has no declaration.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};

// The shortest the kernel grants.
constexpr std::uint64_t kShortSliceNs = 100'000;

std::string system_reason() { return std::strerror(errno); }

}  // namespace

BindingResult bind_this_thread(const Cpuset& cpuset) {
  if (cpuset.empty()) return {false, "an empty cpuset"};
  const Cpuset before = binding_of_this_thread();

  if (!set_affinity(cpuset)) return {false, system_reason()};

  // The kernel keeps only what is online and allowed, and calls that a success.
  const Cpuset now = binding_of_this_thread();
  if (now == cpuset) return {true, ""};
  if (!before.empty()) set_affinity(before);
  return {false, "only " + now.to_string() + " of " + cpuset.to_string() + " may be used"};
}

Cpuset binding_of_this_thread() {
  Mask mask;
  Cpuset cpuset;
  if (sched_getaffinity(0, Mask::kBytes, mask.words.data()) != 0) return cpuset;
  for (int index = 0; index <= Cpuset::kMaxIndex; ++index) {
    if (CPU_ISSET_S(index, Mask::kBytes, mask.words.data())) cpuset.add(index);
  }
  return cpuset;
}

BindingResult lower_thread_priority(int nice) {
  WEIR_CHECK(nice > 0 && nice <= 19, "nice must be from 1 to 19");
  // On Linux, "process 0" is the calling thread.
  errno = 0;
  const int now = getpriority(PRIO_PROCESS, 0);
  if (now == -1 && errno != 0) return {false, system_reason()};
  if (now >= nice) return {true, ""};
  if (setpriority(PRIO_PROCESS, 0, nice) != 0) return {false, system_reason()};
  return {true, ""};
}

BindingResult ask_for_short_time_slices() {
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) {
    return {false, system_reason()};
  }
  if (attributes.policy != SCHED_OTHER) return {false, "another scheduling policy is set"};
  attributes.runtime_ns = kShortSliceNs;
  if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) return {false, system_reason()};
  return {true, ""};
}

}  // namespace weir
