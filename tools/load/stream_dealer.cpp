#include "tools/load/stream_dealer.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

// The next task is dealt as soon as the one before is taken, so that it is known when it is due.
class StreamDealer::Hand final : public TaskSource {
 public:
  Hand(StreamDealer& dealer, int home, Instant start)
      : dealer_(dealer),
        tasks_(dealer.hands_[static_cast<std::size_t>(home)]),
        home_(home),
        start_(start) {
    find_next();
  }

  Instant next_due() const override { return due_; }
  bool exhausted() const override { return due_ == kNever; }
  // The first home speaks for all of them.
  std::optional<AnnouncedRise> next_announced(Instant now) override {
    if (home_ != 0) return std::nullopt;
    const Duration shift = start_.time_since_epoch();
    auto rise = dealer_.all_.next_announced(now - shift);
    if (rise) rise = {rise->task_class, rise->begin + shift, rise->end + shift};
    return rise;
  }
  Task take() override {
    WEIR_CHECK(!exhausted(), "a task was taken from an exhausted source");
    Task task = tasks_.pop_front();
    if (task.header.deadline != kNever) task.header.deadline += due_ - task.header.arrival;
    task.header.arrival = due_;
    find_next();
    return task;
  }

 private:
  void find_next() {
    due_ =
        dealer_.deal_to(home_) ? start_ + tasks_.front().header.arrival.time_since_epoch() : kNever;
  }

  StreamDealer& dealer_;
  Ring<Task>& tasks_;
  int home_;
  Instant start_;
  Instant due_{};
};

StreamDealer::StreamDealer(std::vector<NumberedStream> streams, int home_count)
    : all_(std::move(streams), {.with_payloads = false}, Instant{}),
      hands_(static_cast<std::size_t>(home_count)) {
  WEIR_CHECK(home_count > 0, "streams without homes");
}

std::unique_ptr<TaskSource> StreamDealer::source(int home, Instant start) {
  WEIR_CHECK(home >= 0 && home < static_cast<int>(hands_.size()), "that is not one of the homes");
  return std::make_unique<Hand>(*this, home, start);
}

bool StreamDealer::deal_to(int home) {
  const auto home_count = static_cast<int>(hands_.size());
  Ring<Task>& own = hands_[static_cast<std::size_t>(home)];
  while (own.empty() && !all_.exhausted()) {
    Task task = all_.take();
    hands_[static_cast<std::size_t>(home_of(task.header.id, home_count))].push_back(
        std::move(task));
  }
  return !own.empty();
}

}  // namespace weir
