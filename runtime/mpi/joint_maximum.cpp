#include "runtime/mpi/joint_maximum.hpp"

#include <limits>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/mpi/mpi_state.hpp"

namespace weir {
namespace {

constexpr int kQuestion = 1;  // the tag, of empty messages

// What a rank says of itself when all are done.
struct LastWord {
  bool told = false;     // it has sent its questions
  bool offered = false;  // it takes part in the reduction
};

}  // namespace

struct JointMaximum::State {
  explicit State(MpiContext& context) : mpi(context) {}

  // From rank 0 to all others, from another to rank 0.
  void tell() {
    if (told) return;
    told = true;
    const int last = mpi.rank() == RankId(0) ? mpi.rank_count() : 1;
    for (int rank = 0; rank < last; ++rank) {
      if (RankId(rank) == mpi.rank()) continue;
      questions.emplace_back();
      check_mpi(MPI_Isend(nullptr, 0, MPI_BYTE, rank, kQuestion, communicator, &questions.back()),
                "MPI_Isend");
    }
  }

  void receive() {
    check_mpi(
        MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, kQuestion, communicator, MPI_STATUS_IGNORE),
        "MPI_Recv");
    ++received;
    asked = true;
  }

  // How many questions are sent to this rank in all.
  int addressed_here(const std::vector<LastWord>& words) const {
    if (mpi.rank() != RankId(0)) return words.front().told ? 1 : 0;
    int count = 0;
    for (std::size_t rank = 1; rank < words.size(); ++rank) count += words[rank].told ? 1 : 0;
    return count;
  }

  MpiContext& mpi;
  MPI_Comm communicator = MPI_COMM_NULL;
  std::vector<MPI_Request> questions;
  bool told = false;
  bool asked = false;
  int received = 0;
  std::int64_t own = std::numeric_limits<std::int64_t>::min();
  std::int64_t largest = 0;
  MPI_Request reduction = MPI_REQUEST_NULL;
  bool offered = false;
  bool known = false;
};

JointMaximum::JointMaximum(MpiContext& mpi) : state_(std::make_unique<State>(mpi)) {
  check_mpi(MPI_Comm_dup(mpi.state().communicator, &state_->communicator), "MPI_Comm_dup");
}

JointMaximum::~JointMaximum() {
  State& s = *state_;
  const LastWord own{s.told, s.offered};
  Bytes mine;
  ByteWriter(mine).raw(&own, sizeof own);
  std::vector<LastWord> words;
  bool some_offer = false;
  for (const Bytes& bytes : s.mpi.gather_to_all(mine)) {
    ByteReader(bytes).raw(&words.emplace_back(), sizeof own);
    some_offer |= words.back().offered;
  }
  while (s.received < s.addressed_here(words)) s.receive();
  if (some_offer && !s.offered) offer(s.own);
  if (s.reduction != MPI_REQUEST_NULL) wait_sleeping(s.reduction);
  for (MPI_Request& question : s.questions) wait_sleeping(question);
  MPI_Comm_free(&s.communicator);
}

void JointMaximum::ask() {
  state_->asked = true;
  state_->tell();
}

bool JointMaximum::asked() {
  State& s = *state_;
  int is_there = 0;
  do {
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, kQuestion, s.communicator, &is_there, MPI_STATUS_IGNORE),
              "MPI_Iprobe");
    if (is_there) s.receive();
  } while (is_there);
  if (s.asked && s.mpi.rank() == RankId(0)) s.tell();
  return s.asked;
}

void JointMaximum::offer(std::int64_t number) {
  State& s = *state_;
  WEIR_CHECK(!s.offered, "a rank has one number to offer");
  s.offered = true;
  s.own = number;
  check_mpi(
      MPI_Iallreduce(&s.own, &s.largest, 1, MPI_INT64_T, MPI_MAX, s.communicator, &s.reduction),
      "MPI_Iallreduce");
}

bool JointMaximum::offered() const { return state_->offered; }

std::optional<std::int64_t> JointMaximum::result() {
  State& s = *state_;
  if (!s.offered) return std::nullopt;
  if (!s.known) {
    int done = 0;
    check_mpi(MPI_Test(&s.reduction, &done, MPI_STATUS_IGNORE), "MPI_Test");
    s.known = done != 0;
  }
  return s.known ? std::optional(s.largest) : std::nullopt;
}

}  // namespace weir
