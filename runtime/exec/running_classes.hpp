// What runs on a node by class, and so which classes may have another worker.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/class_queues.hpp"

namespace weir {

// How many tasks of each class run, on a node or in one of its memory domains.
using RunningPerClass = std::array<std::uint32_t, kMaxClasses>;

// One thread at a time. Domains are numbered from 0; what a domain may start depends on what runs
// in it, against `most` and `binds_from`, and on what runs on the node, against `share`.
class RunningClasses {
 public:
  // Workers of each domain; at least one domain.
  explicit RunningClasses(const std::vector<int>& domain_sizes);

  void set_limits(const ClassLimits& limits);

  void on_start(ClassId task_class, std::size_t domain);
  void on_end(ClassId task_class, std::size_t domain);

  const ClassLimits& limits() const { return limits_; }
  // The most that run in all domains together; zero: no limit.
  std::uint32_t node_limit(ClassId task_class) const;
  std::uint32_t count(ClassId task_class) const { return counts_[task_class.value()]; }
  std::uint32_t count(ClassId task_class, std::size_t domain) const {
    return domains_[domain].counts[task_class.value()];
  }
  const RunningPerClass& counts(std::size_t domain) const { return domains_[domain].counts; }

  // The classes of which the domain may start one more: those below their `most`, and those whose
  // `most` is no bound yet. And those that run less than their share.
  ClassMask startable(std::size_t domain) const {
    const Domain& in = domains_[domain];
    return in.busy < unbound_by_busy_.size() ? in.below_limit | unbound_by_busy_[in.busy]
                                             : in.below_limit;
  }
  ClassMask below_share() const { return below_share_; }

 private:
  struct Domain {
    std::uint32_t size = 0;
    std::uint32_t busy = 0;
    RunningPerClass counts{};
    ClassMask below_limit = kAllClasses;
  };

  void update(std::size_t task_class, Domain& domain);

  ClassLimits limits_{};
  RunningPerClass counts_{};  // of the node
  std::vector<Domain> domains_;
  std::vector<ClassMask> unbound_by_busy_;  // by the busy workers of a domain: not bound by `most`
  ClassMask below_share_ = kAllClasses;
};

}  // namespace weir
