#include "jobs/kernels/kernel.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

TEST(Kernels, AreFoundByTheirNames) {
  ASSERT_EQ(kernel_names().size(), 3u);
  for (const std::string_view name : kernel_names()) EXPECT_NE(find_kernel(name), nullptr);
  EXPECT_EQ(find_kernel("iot"), &run_iot_kernel);
}

TEST(Kernels, AreListedWhenAnUnknownOneIsAskedFor) {
  try {
    find_kernel("Social");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("finance, iot, social"), std::string::npos);
  }
}

}  // namespace
}  // namespace weir
