#include "tests/support/mpi_test_main.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace {

// Tests are plain functions, so they find their ranks here.
std::unique_ptr<weir::MpiContext> ranks;

// What the ranks above 0 print: failures, and which rank had them.
class FailurePrinter final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override { test_ = test.name(); }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    // googletest holds its lock here, so that it cannot be asked for the name of the test.
    std::fprintf(stderr, "rank %d: %s: %s:%d: %s\n", ranks->rank().value(), test_.c_str(),
                 result.file_name(), result.line_number(), result.message());
  }

  std::string test_ = "?";
};

}  // namespace

namespace weir {
namespace {

// What tests that run weir on a thread of its own ask for; the others check that less is enough.
#ifdef WEIR_TEST_THREADS
constexpr MpiThreads kTestThreads = MpiThreads::kMultiple;
#else
constexpr MpiThreads kTestThreads = MpiThreads::kFunneled;
#endif

}  // namespace

MpiContext& test_ranks() { return *ranks; }
void meet() { ranks->gather_to_all({}); }

}  // namespace weir

// Fails on every rank when a test failed on any.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  weir::end_all_ranks_on_failure();
  ranks = weir::MpiContext::start(weir::kTestThreads);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (ranks->rank() != weir::RankId(0)) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailurePrinter);
  }
  const weir::Bytes failed(1, std::byte(RUN_ALL_TESTS() == 0 ? 0 : 1));
  const auto by_rank = ranks->gather_to_all(failed);
  ranks.reset();
  return std::ranges::all_of(by_rank, [](const auto& one) { return one[0] == std::byte{0}; }) ? 0
                                                                                              : 1;
}
