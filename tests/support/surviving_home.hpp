// Poisson arrivals of a home that can be copied: what a rank has of its own, and of homes that have
// died. It counts what completed as copies do: what a dead home heard after its last copy is
// forgotten with it.

#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/control/home_copies.hpp"
#include "runtime/control/task_source.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {

class SurvivingHome final : public TaskSource, public HomeCopies {
 public:
  // Homes from `first` on; none where `owns` is false. `each` as at every home.
  SurvivingHome(const PoissonArrivals& each, RankId home, bool owns, Instant start)
      : each_(each), start_(start) {
    if (owns) parts_.emplace(home.value(), Part{source_of(home.value())});
  }

  Instant next_due() const override {
    Instant next = kNever;
    for (const auto& [home, part] : parts_) {
      next = std::min(next, part.again.empty() ? part.source.next_due() : start_);
    }
    return next;
  }
  Task take() override {
    Part* first = nullptr;
    for (auto& [home, part] : parts_) {
      if (first == nullptr || due(part) < due(*first)) first = &part;
    }
    Task task;
    if (first->again.empty()) {
      task = first->source.take();
      ++first->taken;
    } else {
      task = first->again.back();
      first->again.pop_back();
    }
    first->open.insert(task.header.id.value());
    return task;
  }
  bool exhausted() const override { return next_due() == kNever; }

  void on_completed(TaskId id) {
    for (auto& [home, part] : parts_) {
      if (part.open.erase(id.value()) == 0) continue;
      ++part.completed;
      part.sum += id.value();
    }
  }

  Bytes copy() override {
    Bytes bytes;
    ByteWriter out(bytes);
    for (const auto& [home, part] : parts_) {
      out.number(home);
      out.number(part.taken);
      out.number(part.completed);
      out.number(part.sum);
      out.number(static_cast<std::uint32_t>(part.open.size() + part.again.size()));
      for (const std::uint64_t id : part.open) out.number(id);
      for (const Task& task : part.again) out.number(task.header.id.value());
    }
    return bytes;
  }
  void adopt(const Bytes& copy) override {
    ByteReader in(copy);
    while (in.remaining() > 0) {
      const auto home = in.number<std::int32_t>();
      Part part{source_of(home)};
      const auto taken = in.number<std::uint64_t>();
      part.completed = in.number<std::uint64_t>();
      part.sum = in.number<std::uint64_t>();
      std::set<std::uint64_t> open;
      for (auto left = in.number<std::uint32_t>(); left > 0; --left) {
        open.insert(in.number<std::uint64_t>());
      }
      for (; part.taken < taken; ++part.taken) {
        Task task = part.source.take();
        if (open.contains(task.header.id.value())) part.again.push_back(std::move(task));
      }
      parts_.insert_or_assign(home, std::move(part));
    }
  }

  void begin_anew(RankId home) override {
    parts_.emplace(home.value(), Part{source_of(home.value())});
  }

  std::uint64_t completed() const {
    std::uint64_t sum = 0;
    for (const auto& [home, part] : parts_) sum += part.completed;
    return sum;
  }
  std::uint64_t sum_of_ids() const {
    std::uint64_t sum = 0;
    for (const auto& [home, part] : parts_) sum += part.sum;
    return sum;
  }
  std::size_t part_count() const { return parts_.size(); }

 private:
  struct Part {
    PoissonSource source;
    std::uint64_t taken = 0;
    std::vector<Task> again = {};  // taken by the home that died, and not complete
    std::set<std::uint64_t> open = {};
    std::uint64_t completed = 0;
    std::uint64_t sum = 0;
  };

  Instant due(const Part& part) const {
    return part.again.empty() ? part.source.next_due() : start_;
  }
  PoissonSource source_of(std::int32_t home) const {
    PoissonArrivals own = each_;
    own.stream = static_cast<std::uint16_t>(home);
    return {own, start_};
  }

  PoissonArrivals each_;
  Instant start_;
  std::map<std::int32_t, Part> parts_;
};

}  // namespace weir
