// Who waits for which future, for a report: threads enter before they wait and leave afterwards.

#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/base/time.hpp"
#include "runtime/session/future_state.hpp"

namespace weir {

// Any thread. Threads that wait own it as well: the end of the session is what some of them leave
// by.
class WaitingList {
 public:
  struct Entry {
    std::string who;
    const FutureState* what;
    Instant since;
  };

  class Stay {
   public:
    Stay(std::shared_ptr<WaitingList> list, Entry entry) : list_(std::move(list)) {
      const std::lock_guard lock(list_->mutex_);
      place_ = list_->entries_.insert(list_->entries_.end(), std::move(entry));
    }
    ~Stay() {
      const std::lock_guard lock(list_->mutex_);
      list_->entries_.erase(place_);
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    std::shared_ptr<WaitingList> list_;
    std::list<Entry>::iterator place_;
  };

  template <typename Look>
  void for_each(Look look) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) look(entry);
  }

 private:
  std::mutex mutex_;
  std::list<Entry> entries_;
};

}  // namespace weir
