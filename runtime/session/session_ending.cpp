// How a session ends, here and elsewhere. Who leaves says farewell; who hears it relies on that
// rank no more. Where all end in order each waits for the farewells of the others, as then nothing
// comes any more. A rank that an exception takes out waits for nobody, and nobody for it.

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/session/session_core.hpp"

namespace weir {

SessionCore::~SessionCore() {
  const bool is_thrown_out = std::uncaught_exceptions() > 0;
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) {
    runtime_->wake();
    thread_.join();
  }
  const bool began = started_.load(std::memory_order_acquire);
  if (began) say_farewell(!is_thrown_out);
  settle_what_is_left();
  if (!began) {
    mpi_->decline(!is_thrown_out);
  } else if (is_thrown_out || !see_others_off()) {
    mpi_->leave();
  }
  owned_runtime_.reset();  // Tasks that still run find it in runtime_ until they have ended.
}

void SessionCore::say_farewell(bool waits) {
  for (int i = 0; i < rank_count(); ++i) {
    if (RankId(i) == rank()) continue;
    runtime_->transport().send(RankId(i),
                               Farewell{.ended_epochs = agent_->ended_epochs(), .waits = waits});
  }
  if (rank_count() > 1) runtime_->finish_sending();
}

// False where the end is none of all ranks together.
bool SessionCore::see_others_off() {
  const auto others = static_cast<std::size_t>(rank_count() - 1);
  const auto does_not_wait = [](const auto& one) { return !one.second.waits; };
  bool all_wait = !mpi_->has_left();
  run_until([&] {
    all_wait = all_wait && std::ranges::none_of(farewells_, does_not_wait);
    return !all_wait || farewells_.size() == others;
  });
  return all_wait;
}

void SessionCore::on_farewell(const Farewell& farewell, RankId from) {
  farewells_.emplace_back(from, farewell);
  data_.on_home_gone(from);
}

bool SessionCore::has_gone(RankId rank) const {
  return std::ranges::find(farewells_, rank, &Gone::first) != farewells_.end();
}

// Who left first when that epoch had not ended, as it never will then. Others may have left because
// of that.
std::optional<SessionCore::Gone> SessionCore::who_left_before(std::uint32_t epoch_end) const {
  for (const Gone& gone : farewells_) {
    if (gone.second.ended_epochs < epoch_end) return gone;
  }
  return std::nullopt;
}

void SessionCore::refuse_without(const Gone& gone) {
  const std::string its_name = "rank " + std::to_string(gone.first.value());
  const bool waits = gone.second.waits;
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
