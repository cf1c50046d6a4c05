#include "tools/experiment/trial_pool.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "tools/command/time_text.hpp"

namespace weir {
namespace {

constexpr std::size_t kKinds = 3;  // of measurement: they take times of their own

std::size_t kind_of(const Trial& trial) { return static_cast<std::size_t>(trial.measurement); }

// The time left, from how long the trials of each kind took so far.
class TimeLeft {
 public:
  void expect(const Trial& trial) { ++kinds_[kind_of(trial)].waiting; }
  void on_done(const Trial& trial, double seconds) {
    Kind& kind = kinds_[kind_of(trial)];
    --kind.waiting;
    ++kind.done;
    kind.sum_s += seconds;
  }
  // 0 while nothing is known.
  double seconds(int threads) const {
    double sum_s = 0;
    int done = 0;
    for (const Kind& kind : kinds_) {
      sum_s += kind.sum_s;
      done += kind.done;
    }
    if (done == 0) return 0;
    double left_s = 0;
    for (const Kind& kind : kinds_) {
      left_s += kind.waiting * (kind.done > 0 ? kind.sum_s / kind.done : sum_s / done);
    }
    return left_s / threads;
  }

 private:
  struct Kind {
    int waiting = 0;
    int done = 0;
    double sum_s = 0;
  };
  std::array<Kind, kKinds> kinds_{};
};

class Pool {
 public:
  Pool(const std::vector<Trial>& trials, OutcomeStore& store, const TrialPoolOptions& options,
       const StopRequest& stop)
      : trials_(trials),
        store_(store),
        options_(options),
        stop_(stop),
        keys_(trials.size()),
        outcomes_(trials.size()),
        failures_(trials.size()) {
    for (std::size_t i = 0; i < trials.size(); ++i) {
      keys_[i] = key_of(trials[i]);
      outcomes_[i] = store.find(keys_[i]);
      if (outcomes_[i]) continue;
      open_.push_back(i);
      left_.expect(trials[i]);
    }
    // The long ones first, so that no thread is left alone with one.
    std::ranges::stable_sort(open_, {}, [&](std::size_t i) {
      return trials_[i].measurement == Measurement::kThroughput ? 0 : 1;
    });
    const std::size_t most = std::max<std::size_t>(1, open_.size());
    thread_count_ = std::min(options_.thread_count, static_cast<int>(most));
  }

  std::vector<std::optional<Measured>> run() {
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < thread_count_; ++i) threads.emplace_back([this] { work(); });
      show_until_done();
    }
    for (const std::exception_ptr& failure : failures_) {
      if (failure) std::rethrow_exception(failure);
    }
    return std::move(outcomes_);
  }

 private:
  bool ends() const { return failed_ || stop_(); }

  void work() {
    const StopRequest ends = [this] { return this->ends(); };
    for (std::size_t next = next_++; next < open_.size() && !ends(); next = next_++) {
      const std::size_t i = open_[next];
      const auto began = std::chrono::steady_clock::now();
      try {
        outcomes_[i] = measure(trials_[i], ends);
        if (outcomes_[i]) store_.add(keys_[i], *outcomes_[i]);
      } catch (...) {
        failures_[i] = std::current_exception();
        failed_ = true;
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      const std::lock_guard lock(mutex_);
      left_.on_done(trials_[i], took.count());
      ++done_;
      changed_.notify_one();
    }
    const std::lock_guard lock(mutex_);
    ++ended_threads_;
    changed_.notify_one();
  }

  void show_until_done() {
    std::unique_lock lock(mutex_);
    while (ended_threads_ < thread_count_) {
      if (options_.progress != nullptr) {
        options_.progress->show([this] { return progress_text(); },
                                std::chrono::steady_clock::now());
      }
      changed_.wait_for(lock, std::chrono::milliseconds(500));
    }
    if (options_.progress != nullptr) options_.progress->clear();
  }

  std::string progress_text() const {
    const std::size_t known = trials_.size() - open_.size();
    std::string line = options_.work + std::to_string(known + done_) + "/" +
                       std::to_string(trials_.size()) + " runs";
    if (known > 0) line += ", " + std::to_string(known) + " of them from before";
    const double left_s = left_.seconds(thread_count_);
    return line + (left_s > 0 ? ", about " + time_text(left_s) + " left" : "");
  }

  const std::vector<Trial>& trials_;
  OutcomeStore& store_;
  const TrialPoolOptions& options_;
  const StopRequest& stop_;
  std::vector<std::string> keys_;
  std::vector<std::optional<Measured>> outcomes_;  // each written by the thread that runs it
  std::vector<std::exception_ptr> failures_;
  std::vector<std::size_t> open_;
  int thread_count_ = 1;  // no more than there is to do
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;

  std::mutex mutex_;  // Guards what is below.
  std::condition_variable changed_;
  TimeLeft left_;
  std::size_t done_ = 0;
  int ended_threads_ = 0;
};

}  // namespace

std::vector<std::optional<Measured>> run_trials(const std::vector<Trial>& trials,
                                                OutcomeStore& store,
                                                const TrialPoolOptions& options,
                                                const StopRequest& stop) {
  return Pool(trials, store, options, stop).run();
}

}  // namespace weir
