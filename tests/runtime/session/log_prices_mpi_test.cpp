// What a coordinator's network decides, over real messages, at every home.

#include <gtest/gtest.h>

#include "runtime/policy/forwarding_policy.hpp"
#include "runtime/session/node_runtime.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/price_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Notes what its home is told.
class NotingPolicy final : public ForwardingPolicy {
 public:
  NotingPolicy(std::unique_ptr<Policy> inner, Directive& newest)
      : ForwardingPolicy(std::move(inner)), newest_(newest) {}
  void on_directive(const Directive& directive) override {
    newest_ = directive;
    ForwardingPolicy::on_directive(directive);
  }

 private:
  Directive& newest_;
};

class IgnoringSink final : public CompletionSink {
 public:
  void on_completed(CompletedTask, Instant) override {}
};

// Clusters of two ranks.
NodeRuntimeOptions options_with(const std::string& control) {
  NodeRuntimeOptions options;
  options.policy = "learned";
  options.control = control;
  options.emulation = EmulationSpec::parse("nodes=4x1*4;work_ms=5");
  options.tree.cluster_size = 2;
  return options;
}

TEST(LogPrices, OfEveryClusterReachEveryHome) {
  const ScratchFolder folder;
  const std::string file = (folder / "raises.h5").string();
  write_weights(weights_that_move_prices(1), file);
  Directive newest;
  NodeRuntimeOptions options = options_with(file);
  options.observe_policy = [&newest](std::unique_ptr<Policy> policy) {
    return std::make_unique<NotingPolicy>(std::move(policy), newest);
  };
  const KindTable kinds;
  NodeRuntime runtime(test_ranks(), kinds, options);
  PoissonSource source({.rate_per_s = 200,
                        .count = 400,
                        .stream = static_cast<std::uint16_t>(runtime.rank().value())},
                       Instant{});
  IgnoringSink sink;
  NodeAgent& agent = runtime.begin(sink, &source);
  agent.finish_after_epoch();
  runtime.loop().run();

  ASSERT_FALSE(newest.log_prices.empty());
  ASSERT_EQ(newest.log_prices[0].size(), static_cast<std::size_t>(runtime.rank_count()));
  for (const float log_price : newest.log_prices[0]) EXPECT_GT(log_price, 0.2F);
  ASSERT_TRUE(agent.decision_counts().has_value());
  EXPECT_GT(agent.decision_counts()->pricing_directives, 5U);
  meet();
}

TEST(LogPrices, AreOfTheSameWeightsOnAllRanksOrTheRunDoesNotBegin) {
  const ScratchFolder folder;
  const bool is_first = test_ranks().rank() == RankId(0);
  const std::string file = (folder / "own.h5").string();
  write_weights(weights_that_move_prices(is_first ? 1.0F : -1.0F), file);
  const KindTable kinds;
  const std::string report = refusal([&] { NodeRuntime(test_ranks(), kinds, options_with(file)); });
  if (test_ranks().rank_count() == 1) {
    EXPECT_EQ(report, kNothingRefused);  // Nobody to differ from.
  } else {
    EXPECT_NE(report.find("weights"), std::string::npos) << report;
  }
}

}  // namespace
}  // namespace weir
