// The functions that tasks run, registered under names: equal on every rank, in the same order.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Runs on any worker, several at a time. `result` comes empty and travels to the task's home. What
// it throws becomes the text of a failed attempt; of a FailedAttempt, its bytes.
using TaskFunction = std::function<void(TaskContext&, const Payload&, Bytes& result)>;

struct KindOptions {
  // Runs on the control thread as soon as it arrives, ahead of all queues: an active message. It
  // must take microseconds, because nothing else happens on the rank meanwhile.
  bool immediate = false;
};

// Filled before the run starts, only read from then on, by any thread.
class KindTable {
 public:
  // The position of the kind, from 0 on. Throws Error when the name is empty, holds white space or
  // is taken.
  KindId add(std::string name, TaskFunction function, KindOptions options = {});

  std::optional<KindId> find(std::string_view name) const;
  std::size_t size() const { return kinds_.size(); }
  bool contains(KindId kind) const { return kind.value() < kinds_.size(); }

  const std::string& name(KindId kind) const { return at(kind).name; }
  const TaskFunction& function(KindId kind) const { return at(kind).function; }
  bool is_immediate(KindId kind) const { return at(kind).options.immediate; }
  bool has_immediate() const { return has_immediate_; }

  // One line per kind: name, then " immediate" where it is so. Ranks compare these texts at start;
  // a text, not a hash, so that the report can name the difference.
  std::string fingerprint() const;

 private:
  struct Kind {
    std::string name;
    TaskFunction function;
    KindOptions options;
  };
  const Kind& at(KindId kind) const;

  std::vector<Kind> kinds_;
  bool has_immediate_ = false;
};

}  // namespace weir
