// How a session ends, here and elsewhere. Who leaves says farewell; who hears it relies on that
// rank no more. Where all end in order each waits for the farewells of the others, as then nothing
// comes any more. A rank that an exception takes out waits for the tasks that run there, and a
// moment for what it says to leave; but for no other rank, and nobody for it.

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/running_call.hpp"
#include "runtime/session/session_core.hpp"

namespace weir {

SessionCore::~SessionCore() { end(); }

// In the destructor, or at the begin of MPI_Finalize, whichever comes first.
void SessionCore::end() {
  if (std::exchange(has_ended_, true)) return;
  const bool is_thrown_out = std::uncaught_exceptions() > unwinding_before_;
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) {
    runtime_->wake();
    thread_.join();
  }
  const bool began = agent_ != nullptr;
  const bool is_alone = mpi_->has_left();
  const bool waits = !is_thrown_out && all_wait();
  // Not before: the agent would tell of those that are refused.
  begins_no_task_.store(true, std::memory_order_release);
  if (began && !is_alone) say_farewell(waits);
  settle_what_is_left();
  if (!began) {
    mpi_->decline(!is_thrown_out);
  } else if (is_alone || !waits || !see_others_off()) {
    mpi_->leave();
  }
  owned_runtime_.reset();  // Tasks that still run find it in runtime_ until they have ended.
  started_.store(false, std::memory_order_release);
  mpi_->end();
}

void SessionCore::say_farewell(bool waits) {
  Farewell farewell{.ended_epochs = agent_->ended_epochs(),
                    .waits = waits,
                    .first = rank(),
                    .first_was_thrown_out = !waits};
  if (!farewells_.empty()) {
    farewell.first = farewells_.front().second.first;
    farewell.first_was_thrown_out = farewells_.front().second.first_was_thrown_out;
  }
  for (int i = 0; i < rank_count(); ++i) {
    if (RankId(i) == rank()) continue;
    if (waits) {
      runtime_->transport().send(RankId(i), farewell);
    } else {
      runtime_->send_last(RankId(i), farewell);
    }
  }
  if (rank_count() > 1) runtime_->finish_sending();
}

// False where the end is none of all ranks together.
bool SessionCore::see_others_off() {
  const auto others = static_cast<std::size_t>(rank_count() - 1);
  run_until([&] { return !all_wait() || farewells_.size() == others; });
  if (all_wait()) return true;
  say_farewell(false);  // The first one may be held behind other messages.
  return false;
}

bool SessionCore::all_wait() const {
  return std::ranges::all_of(farewells_, [](const Leaver& one) { return one.second.waits; });
}

void SessionCore::on_farewell(const Farewell& farewell, RankId from) {
  farewells_.emplace_back(from, farewell);
  data_.on_home_left(from);
}

// It waited for others, and has found that not all wait for it.
void SessionCore::on_second_farewell(Leaver& leaver, const Farewell& farewell) {
  if (farewell.waits) return;
  leaver.second.waits = false;
  runtime_->transport().close(leaver.first);
}

// A queued task: its home has given it away. What running tasks have spawned goes on.
void SessionCore::refuse_to_begin(const TaskContext& context) const {
  const std::optional<TaskId> task = context.task();
  const RunningCall* const below = RunningCall::top();
  if (!task || (below != nullptr && below->task() == task)) return;
  throw std::logic_error("the session has ended here");
}

// Who left first when that epoch had not ended, as it never will then. Others may have left because
// of that.
std::optional<SessionCore::Leaver> SessionCore::who_left_before(std::uint32_t epoch_end) const {
  for (const Leaver& leaver : farewells_) {
    if (leaver.second.ended_epochs < epoch_end) return leaver;
  }
  return std::nullopt;
}

void SessionCore::refuse_without(const Leaver& leaver) {
  const std::string its_name = "rank " + std::to_string(leaver.second.first.value());
  const bool waits = !leaver.second.first_was_thrown_out;
  throw Error("tasks of this session may never be complete: it has ended on " + its_name,
              waits ? "the end of its session there, without wait_all()"
                    : "an exception there, which ended its session",
              "a session on every rank until wait_all() has returned there",
              waits ? "wait_all() on " + its_name + " before its session ends"
                    : "what " + its_name + " says of that exception");
}

void SessionCore::settle_what_is_left() {
  const auto abandon = [](const std::shared_ptr<FutureState>& future) {
    if (future != nullptr) future->settle(FutureState::Status::kAbandoned, kNoRank, {});
  };
  {
    const std::lock_guard lock(gate_mutex_);
    paused_.store(false, std::memory_order_release);
  }
  gate_.notify_all();
  const std::vector<Submission> waiting = submissions_.close();
  for (const Submission& one : waiting) abandon(one.future);
  for (const Submission& one : backlog_.close()) abandon(one.future);
  for (const auto& one : std::exchange(futures_, {})) abandon(one.second);
  data_.abandon();
  abandon_requests();
}

}  // namespace weir
