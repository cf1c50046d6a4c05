// What a session is made of behind its public face: the tasks of this home that are under way, the
// way in for other threads, and the thread that moves messages on, if it is weir's own.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/control/completion_sink.hpp"
#include "runtime/environment/reactor.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/protocol/message.hpp"
#include "runtime/session/data_holders.hpp"
#include "runtime/session/data_store.hpp"
#include "runtime/session/home_credit.hpp"
#include "runtime/session/node_runtime.hpp"
#include "runtime/session/session_executor.hpp"
#include "runtime/session/submissions.hpp"
#include "runtime/session/submit_options.hpp"
#include "runtime/session/waiting_list.hpp"

namespace weir {

// Members without a remark are for any thread. "The control thread" is the session's own, or
// weir's.
class SessionCore final : public FutureHost, private CompletionSink, private Reactor {
 public:
  // Collective.
  SessionCore(std::unique_ptr<MpiContext> mpi, SessionOptions options);
  // Collective, on the session's thread.
  ~SessionCore() override;

  KindId add_kind(std::string name, TaskFunction function, KindOptions options);
  // Collective, on the session's thread.
  void start();

  const SessionOptions& options() const { return options_; }
  int rank_count() const { return mpi_->rank_count(); }
  int worker_count() const;
  int memory_domain_count() const;
  std::uint64_t failed_count() const;
  std::uint64_t spawn_error_count() const;

  // Throws std::logic_error for a kind that no define() returned, as a TaskKind() has it.
  static void require_defined(KindId kind);
  // A task without an id; `future` may be null.
  Submission make_submission(const SubmitOptions& options, KindId kind, Payload payload,
                             std::shared_ptr<FutureState> future) const;
  // Waits for room, where the thread may.
  void submit(Submission submission);
  // Whether the home has credit left, for tasks that are submitted at once.
  bool has_room() const;
  // When all of `after` are ready.
  void submit_after(std::vector<std::shared_ptr<FutureState>> after, Submission submission);

  DataStore& data() { return data_; }
  // Waits for what is not here, as wait() does.
  DataValue fetch(const DataRef& ref, const DataType& type);
  DataRef find(const std::string& name, RankId home, const DataType& type);

  // One round of the loop, or several for as long as that.
  void progress();
  void progress_for(Duration time);
  // Collective.
  void wait_all();
  bool pause(Duration patience);
  void resume();
  void report(std::ostream& out);

  void wait(FutureState& state, TaskContext* context) override;
  void look() override;
  void wake() noexcept override;
  void run_local(std::shared_ptr<LocalCall> call, std::shared_ptr<FutureState> future,
                 std::vector<std::shared_ptr<FutureState>> after,
                 const LocalOptions& options) override;
  void count_failed() noexcept override { failed_.fetch_add(1, std::memory_order_relaxed); }
  RankId rank() const override { return mpi_->rank(); }

 private:
  class FollowUp;
  using Leaver = std::pair<RankId, Farewell>;

  // Something that the control thread is to do for another thread: asked once a round until it is
  // done.
  struct Request {
    std::function<bool(Instant)> is_done;
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    bool abandoned = false;  // the session ended first
  };

  // From the loop.
  void on_completed(CompletedTask task, Instant now) override;
  void on_message(Envelope envelope, Instant now) override;
  void on_wakeup(Instant now) override;
  Instant next_wakeup() const override;
  Instant last_set_going() const override {
    return std::max(agent_->last_set_going(), data_.last_asked());
  }
  bool is_supplied() const override { return agent_->is_supplied(); }
  bool finished() const override { return stopping_.load(std::memory_order_acquire); }

  void require_started() const;
  void require_domain(int domain, RankId target) const;
  bool on_control_thread() const { return std::this_thread::get_id() == control_thread_; }
  // Where weir may be moved on, in place of other ways to wait.
  bool may_drive() const { return on_control_thread() && !in_round_; }
  void refuse_in_task(const char* what) const;

  Instant now() const { return runtime_->clock().now(); }
  void begin();
  void begin_on_own_thread();
  void end();
  // Rounds of the loop until `done` says so, which is asked once a round: it may do something.
  // Asleep in between.
  template <typename Done>
  void run_until(const Done& done) {
    if (done()) return;
    runtime_->loop().act();
    for (;;) {
      const bool received = runtime_->loop().step();
      if (done()) return;
      if (!received) runtime_->loop().wait(kLongestWait);
    }
  }
  // On the control thread, wherever this is called.
  void until_done(const char* what, std::function<bool(Instant)> is_done);
  void ask(std::function<bool(Instant)> is_done);
  void answer_requests(Instant now);
  void abandon_requests();

  // True when it was taken: the agent has it, or nobody wants it any more.
  bool accept(Submission& submission, Instant now);
  void drive_until_accepted(Submission& submission);
  static std::uint16_t depth_here();
  RankId wish_of(const Submission& submission, Instant now) const;
  void take_submissions(Instant now);
  // For a submission that was promised. False when the session has ended.
  bool hand_in(Submission& submission);
  void wait_for_room();
  void publish_room();
  void wait_for_data(FutureState& arrival);
  void wait_in_task(FutureState& state, TaskContext& context);
  void stop_at_gate(TaskContext& context);
  void fail_without_target(const Submission& submission);
  void say_farewell(bool waits);
  bool see_others_off();
  void on_farewell(const Farewell& farewell, RankId from);
  void on_second_farewell(Leaver& leaver, const Farewell& farewell);
  bool all_wait() const;
  void refuse_to_begin(const TaskContext& context) const;
  std::optional<Leaver> who_left_before(std::uint32_t epoch_end) const;
  [[noreturn]] static void refuse_without(const Leaver& leaver);
  void settle_what_is_left();
  std::string report_text(Instant now);

  SessionOptions options_;
  bool has_ended_ = false;
  int unwinding_before_ = std::uncaught_exceptions();
  std::unique_ptr<MpiContext> mpi_;
  KindTable kinds_;
  Promises promises_;
  Submissions submissions_;
  std::shared_ptr<WaitingList> waiting_ = std::make_shared<WaitingList>();
  DataStore data_;
  std::unique_ptr<NodeRuntime> owned_runtime_;
  NodeRuntime* runtime_ = nullptr;
  SessionExecutor* executor_ = nullptr;
  NodeAgent* agent_ = nullptr;
  std::thread::id control_thread_;
  std::thread thread_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> begins_no_task_{false};
  std::atomic<std::uint64_t> failed_{0};

  // Of the control thread.
  std::unordered_map<TaskId, std::shared_ptr<FutureState>> futures_;  // of tasks under way
  HomeCredit credit_;
  SubmissionBacklog backlog_;  // beyond it
  std::vector<Submission> taken_;
  std::uint64_t next_index_ = 0;
  DataHolders holders_;
  std::vector<Leaver> farewells_;  // of ranks where the session has ended, in the order they came
  bool in_round_ = false;
  bool pausing_ = false;  // somebody waits for running tasks, some of which end without a sign
  // A safety net only: whatever ends a wait rings.
  static constexpr Duration kLongestWait = std::chrono::milliseconds(250);
  static constexpr Duration kPauseLook = std::chrono::milliseconds(1);

  // What the home's credit is used for: tasks that the agent has, as other threads may know it, and
  // those handed in that it does not have yet; and who waits for room.
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> handed_in_{0};
  std::atomic<int> wanting_room_{0};
  std::mutex room_mutex_;
  std::condition_variable room_;

  std::mutex requests_mutex_;
  std::vector<std::shared_ptr<Request>> requests_;
  std::atomic<bool> has_requests_{false};

  // Tasks that were about to start when the rank was paused stop at this gate.
  std::mutex gate_mutex_;
  std::condition_variable gate_;
  std::atomic<bool> paused_{false};
  std::atomic<std::uint32_t> at_gate_{0};
};

}  // namespace weir
