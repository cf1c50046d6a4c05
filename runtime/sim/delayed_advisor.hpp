// An advisor whose answer takes a modelled time: it is made from what was known when it was asked.

#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "runtime/environment/advisor.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

class DelayedAdvisor final : public Advisor {
 public:
  DelayedAdvisor(std::unique_ptr<Planner> planner, Duration delay)
      : planner_(std::move(planner)), delay_(delay) {}

  void ask(std::span<const NodeReport> reports, Instant now) override {
    answer_ = planner_->plan(reports, now);
    ready_ = now + delay_;
  }
  bool is_asked() const override { return ready_ != kNever; }
  std::optional<Directive> try_take(Instant now) override {
    if (now < ready_) return std::nullopt;
    ready_ = kNever;
    return std::exchange(answer_, std::nullopt);
  }
  Instant next_answer() const override { return ready_; }

 private:
  std::unique_ptr<Planner> planner_;
  Duration delay_;
  std::optional<Directive> answer_;
  Instant ready_ = kNever;
};

}  // namespace weir
