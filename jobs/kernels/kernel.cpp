#include "jobs/kernels/kernel.hpp"

#include <array>
#include <string>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

struct NamedKernel {
  std::string_view name;
  KernelFunction function;
};

constexpr std::array kKernels = {NamedKernel{"finance", run_finance_kernel},
                                 NamedKernel{"iot", run_iot_kernel},
                                 NamedKernel{"social", run_social_kernel}};

}  // namespace

std::vector<std::string_view> kernel_names() {
  std::vector<std::string_view> names;
  for (const NamedKernel& kernel : kKernels) names.push_back(kernel.name);
  return names;
}

KernelFunction find_kernel(std::string_view name) {
  std::string known;
  for (const NamedKernel& kernel : kKernels) {
    if (kernel.name == name) return kernel.function;
    known += (known.empty() ? "" : ", ") + std::string(kernel.name);
  }
  throw Error("there is no such kernel", "'" + std::string(name) + "'", "one of " + known,
              "a name from that list");
}

}  // namespace weir
