#include "tools/run/isolated_kernels.hpp"

#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include "jobs/kernels/kernel.hpp"
#include "runtime/base/check.hpp"
#include "runtime/exec/failed_attempt.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {
namespace {

// In place of the number of a kernel: none is run, the child crashes.
constexpr std::uint32_t kCrash = ~0U;

// Without a handler, should a sanitizer have set one.
void crash() {
  std::signal(SIGSEGV, SIG_DFL);
  std::raise(SIGSEGV);
}

void run_kernels(int socket) {
  keep_freed_memory();
  std::vector<KernelFunction> kernels;
  for (const std::string_view name : kernel_names()) kernels.push_back(find_kernel(name));
  answer_calls(socket,
               [&kernels](std::uint32_t number, std::span<const std::byte> payload, Bytes& result) {
                 if (number == kCrash) crash();
                 kernels.at(number)(payload, result);
               });
}

}  // namespace

IsolatedKernels::IsolatedKernels(const IsolatedKernelsOptions& options)
    : options_(options), zygote_(run_kernels), calls_(zygote_) {}

KindTable IsolatedKernels::kinds() {
  KindTable kinds;
  std::uint32_t number = 0;
  for (const std::string_view name : kernel_names()) {
    kinds.add(std::string(name), [this, number](TaskContext& context, const Payload& payload,
                                                Bytes& result) {
      run(static_cast<std::size_t>(context.worker().value()), number, payload.bytes(), result);
    });
    ++number;
  }
  return kinds;
}

void IsolatedKernels::open(RankId rank, int worker_count) {
  calls_.open(worker_count);
  const std::uint64_t own_seed =
      Random(options_.seed, static_cast<std::uint64_t>(rank.value())).next();
  for (int worker = 0; worker < worker_count; ++worker) {
    draws_.emplace_back(own_seed, static_cast<std::uint64_t>(worker));
  }
}

void IsolatedKernels::run(std::size_t worker, std::uint32_t kernel,
                          std::span<const std::byte> payload, Bytes& result) {
  WEIR_CHECK(worker < draws_.size(), "a task without a worker that has a child");
  const bool is_to_crash =
      options_.crash_share > 0 && draws_[worker].uniform() < options_.crash_share;
  const CallEnd end =
      calls_.call(static_cast<int>(worker), is_to_crash ? kCrash : kernel, payload, result);
  if (end == CallEnd::kReturned) return;
  if (end == CallEnd::kDied) crashed_.fetch_add(1, std::memory_order_relaxed);
  throw FailedAttempt(std::move(result));
}

}  // namespace weir
