// An advisor that plans while it is asked, on the control thread: for plans that take a few
// milliseconds at most.

#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "runtime/environment/advisor.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

class ImmediateAdvisor final : public Advisor {
 public:
  explicit ImmediateAdvisor(std::unique_ptr<Planner> planner) : planner_(std::move(planner)) {}

  void ask(std::span<const NodeReport> reports, Instant now) override {
    answer_ = planner_->plan(reports, now);
    asked_ = now;
  }
  bool is_asked() const override { return asked_ != kNever; }
  std::optional<Directive> try_take(Instant) override {
    asked_ = kNever;
    return std::exchange(answer_, std::nullopt);
  }
  Instant next_answer() const override { return asked_; }

 private:
  std::unique_ptr<Planner> planner_;
  std::optional<Directive> answer_;
  Instant asked_ = kNever;
};

}  // namespace weir
