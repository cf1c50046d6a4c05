// The tasks that wait at a node of several memory domains: those that would like a domain wait in
// its own queue, all others in one for all.
//
// A worker takes what waits for its own domain before anything of the same priority, and what waits
// for another domain only when nothing else is there. So no worker idles for the sake of a wish; a
// flood of wishes for one domain is run by all, and one for each domain keeps back what has none.

#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/exec/task_queue.hpp"

namespace weir {

// One thread at a time; contracts as those of TaskQueue.
class DomainQueues {
 public:
  DomainQueues(const QueueOptions& options, std::size_t domain_count)
      : common_(options), of_domain_(domain_count > 1 ? domain_count : 0, TaskQueue(options)) {}

  // The one that the task would like; -1: any will do, as where there is no such domain.
  int wish_of(const Task& task) const {
    const std::size_t domain = task.header.memory_domain;
    return domain < of_domain_.size() ? static_cast<int>(domain) : -1;
  }
  void push(Task task, Instant now) {
    const int wish = wish_of(task);
    queue_of(wish).push(std::move(task), now);
  }
  // The next one for a worker of the domain.
  bool pop_next(QueuedTask& task, ClassMask startable, const RunningClasses& running,
                std::size_t domain) {
    if (of_domain_.empty()) return common_.pop_next(task, startable, running);
    TaskQueue& own = of_domain_[domain];
    const bool own_first = own.top_priority(startable) >= common_.top_priority(startable);
    for (TaskQueue* queue : {own_first ? &own : &common_, own_first ? &common_ : &own}) {
      if (queue->pop_next(task, startable, running)) return true;
    }
    return std::ranges::any_of(
        of_domain_, [&](TaskQueue& other) { return other.pop_next(task, startable, running); });
  }
  // The same of those that are deeper than that. The wishes count only among equally deep ones.
  bool pop_deeper(QueuedTask& task, ClassMask startable, const RunningClasses& running,
                  std::size_t domain, int than) {
    if (of_domain_.empty()) return common_.pop_deeper(task, startable, running, than);
    TaskQueue* best = &of_domain_[domain];
    if (common_.deepest(startable) > best->deepest(startable)) best = &common_;
    for (TaskQueue& other : of_domain_) {
      if (other.deepest(startable) > best->deepest(startable)) best = &other;
    }
    return best->pop_deeper(task, startable, running, than);
  }
  int deepest(ClassMask of) const {
    int deepest = common_.deepest(of);
    for (const TaskQueue& queue : of_domain_) deepest = std::max(deepest, queue.deepest(of));
    return deepest;
  }
  // Those without a wish first.
  std::vector<Task> take_back(std::size_t most, ClassMask of) {
    std::vector<Task> taken = common_.take_back(most, of);
    for (TaskQueue& queue : of_domain_) {
      for (Task& task : queue.take_back(most - taken.size(), of)) taken.push_back(std::move(task));
    }
    return taken;
  }
  std::size_t size() const {
    std::size_t sum = common_.size();
    for (const TaskQueue& queue : of_domain_) sum += queue.size();
    return sum;
  }
  std::size_t size(ClassId task_class) const {
    std::size_t sum = common_.size(task_class);
    for (const TaskQueue& queue : of_domain_) sum += queue.size(task_class);
    return sum;
  }
  // The classes of which something waits; any worker may take it.
  ClassMask filled() const {
    ClassMask all = common_.filled();
    for (const TaskQueue& queue : of_domain_) all |= queue.filled();
    return all;
  }

 private:
  TaskQueue& queue_of(int wish) {
    return wish < 0 ? common_ : of_domain_[static_cast<std::size_t>(wish)];
  }

  TaskQueue common_;
  std::vector<TaskQueue> of_domain_;  // none where there is one domain
};

}  // namespace weir
