// How long tasks have to wait at a node, or in a part of the tree taken for one, as far as its
// report tells. Where a class is at its limit, and that binds, its tasks wait for each other; all
// other tasks wait for any worker.

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// By class, in seconds; zero: unknown.
using ClassServices = std::array<double, kMaxClasses>;

class Backlog {
 public:
  Backlog() = default;
  // `elsewhere`: what a class takes where this node has not measured it.
  Backlog(std::uint32_t worker_count, std::span<const ClassLoad> classes,
          const ClassServices& elsewhere);

  bool works() const { return workers_ > 0; }
  std::uint32_t queued(ClassId task_class) const { return queued_[task_class.value()]; }
  std::uint32_t queued() const;
  // Zero: not known here or anywhere.
  double service_s(ClassId task_class) const { return services_[task_class.value()]; }
  // Workers that may run the class at once.
  double workers_for(ClassId task_class) const;

  // Until what waits before a further task of the class has been started. Below zero where there
  // is room: idle workers, as the time they could be kept busy for by one task each.
  double drain_s(ClassId task_class) const;
  // The same without what is below zero.
  double wait_s(ClassId task_class) const;

  void add(ClassId task_class, std::uint32_t count) { queued_[task_class.value()] += count; }
  void remove(ClassId task_class, std::uint32_t count) { queued_[task_class.value()] -= count; }

 private:
  // Further tasks of the class that would start at once, as far as its limit is concerned.
  double room(std::size_t i) const;
  bool is_held(std::size_t i) const { return limits_[i] > 0 && room(i) <= 0; }

  double workers_ = 0;
  double idle_ = 0;
  std::array<std::uint32_t, kMaxClasses> queued_{};
  std::array<std::uint32_t, kMaxClasses> running_{};
  std::array<std::uint32_t, kMaxClasses> limits_{};
  ClassServices services_{};
};

// What a class takes on a node of speed 1, on average over the nodes that have measured it; zero:
// none has.
ClassServices mean_services(std::span<const NodeReport> reports);

// `services` as a node of that speed is expected to have them.
ClassServices at_speed(ClassServices services, double speed);

}  // namespace weir
