#include "runtime/mpi/mpi_context.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/mpi/mpi_state.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

int level_of(MpiThreads wanted) {
  return wanted == MpiThreads::kMultiple ? MPI_THREAD_MULTIPLE : MPI_THREAD_FUNNELED;
}

std::string name_of_level(int level) {
  switch (level) {
    case MPI_THREAD_SINGLE:
      return "MPI_THREAD_SINGLE";
    case MPI_THREAD_FUNNELED:
      return "MPI_THREAD_FUNNELED";
    case MPI_THREAD_SERIALIZED:
      return "MPI_THREAD_SERIALIZED";
    default:
      return "MPI_THREAD_MULTIPLE";
  }
}

void refuse_less_than(int wanted, int provided) {
  if (provided >= wanted) return;
  throw Error("MPI gives too little thread support", name_of_level(provided),
              name_of_level(wanted) + ", because weir's control thread runs beside others",
              "calling MPI_Init_thread with " + name_of_level(wanted) +
                  " before weir starts, or an MPI library built with it");
}

// With MPI_THREAD_FUNNELED only the thread that initialized MPI may call it.
void refuse_wrong_thread(int provided) {
  int is_main = 0;
  check_mpi(MPI_Is_thread_main(&is_main), "MPI_Is_thread_main");
  if (is_main || provided > MPI_THREAD_FUNNELED) return;
  throw Error("this thread may not call MPI",
              name_of_level(provided) + ", and a thread that did not initialize MPI",
              "the thread that called MPI_Init_thread, or MPI_THREAD_SERIALIZED",
              "making the session on the thread that called MPI_Init_thread, or asking that call "
              "for MPI_THREAD_SERIALIZED");
}

// MPI aligns shared memory for no more than a number. Each rank's part has room for one word more
// than it holds, so that the word has a line of its own; it is the same one for all, because they
// map the memory by pages. The counts follow it.
struct HostPart {
  BellWord* word;
  FrameCount* counts;
};

std::size_t part_bytes(const MpiContext::State& state) {
  return 2 * sizeof(BellWord) +
         static_cast<std::size_t>(state.ranks_on_this_host) * sizeof(FrameCount);
}

HostPart places_in(void* part) {
  std::size_t space = 2 * sizeof(BellWord);
  auto* word = static_cast<BellWord*>(std::align(alignof(BellWord), sizeof(BellWord), part, space));
  return {word, reinterpret_cast<FrameCount*>(word + 1)};
}

// Collective over the ranks of the host.
void share_host_memory(MpiContext::State& state, MPI_Comm host) {
  const auto rank_count = static_cast<std::size_t>(state.rank_count);
  state.bell_words.assign(rank_count, nullptr);
  state.frame_counts.assign(rank_count, nullptr);
  state.index_on_host.assign(rank_count, 0);
  void* own = nullptr;
  const int code =
      MPI_Win_allocate_shared(static_cast<MPI_Aint>(part_bytes(state)), 1, MPI_INFO_NULL, host,
                              static_cast<void*>(&own), &state.host_memory);
  if (code != MPI_SUCCESS) {
    state.host_memory = MPI_WIN_NULL;
    return;
  }
  const HostPart mine = places_in(own);
  new (mine.word) BellWord;
  std::uninitialized_value_construct_n(mine.counts, state.ranks_on_this_host);
  int index = 0;
  for (int rank = 0; rank < state.rank_count; ++rank) {
    if (state.host_of[static_cast<std::size_t>(rank)] !=
        state.host_of[static_cast<std::size_t>(state.rank)])
      continue;
    MPI_Aint bytes = 0;
    int unit = 0;
    void* part = nullptr;
    check_mpi(
        MPI_Win_shared_query(state.host_memory, index, &bytes, &unit, static_cast<void*>(&part)),
        "MPI_Win_shared_query");
    const auto position = static_cast<std::size_t>(rank);
    const HostPart places = places_in(part);
    state.bell_words[position] = places.word;
    state.frame_counts[position] = places.counts;
    state.index_on_host[position] = index++;
  }
}

void find_hosts(MpiContext::State& state) {
  MPI_Comm host = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(state.communicator, MPI_COMM_TYPE_SHARED, state.rank, MPI_INFO_NULL,
                                &host),
            "MPI_Comm_split_type");
  check_mpi(MPI_Comm_rank(host, &state.index_on_this_host), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(host, &state.ranks_on_this_host), "MPI_Comm_size");
  int lowest = state.rank;
  check_mpi(MPI_Bcast(&lowest, 1, MPI_INT, 0, host), "MPI_Bcast");

  std::vector<int> lowest_of(static_cast<std::size_t>(state.rank_count));
  check_mpi(MPI_Allgather(&lowest, 1, MPI_INT, lowest_of.data(), 1, MPI_INT, state.communicator),
            "MPI_Allgather");
  for (const int first : lowest_of) state.host_of.emplace_back(first);
  std::ranges::sort(lowest_of);
  const auto end_of_hosts = std::unique(lowest_of.begin(), lowest_of.end());
  state.host_count = static_cast<int>(end_of_hosts - lowest_of.begin());

  share_host_memory(state, host);
  check_mpi(MPI_Comm_free(&host), "MPI_Comm_free");
}

std::unique_ptr<MpiContext::State> private_copy_of(MPI_Comm communicator) {
  auto state = std::make_unique<MpiContext::State>();
  check_mpi(MPI_Comm_dup(communicator, &state->communicator), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(state->communicator, MPI_ERRORS_RETURN),
            "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(state->communicator, &state->rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(state->communicator, &state->rank_count), "MPI_Comm_size");
  const auto rank_count = static_cast<std::size_t>(state->rank_count);
  state->traffic.sent_to.assign(rank_count, 0);
  state->traffic.taken_from.assign(rank_count, 0);
  find_hosts(*state);
  return state;
}

void drop_one(MPI_Comm communicator, int from) {
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  for (;;) {
    int found = 0;
    check_mpi(MPI_Improbe(from, MPI_ANY_TAG, communicator, &found, &message, &status),
              "MPI_Improbe");
    if (found) break;
    std::this_thread::sleep_for(50us);
  }
  int size = 0;
  check_mpi(MPI_Get_count(&status, MPI_BYTE, &size), "MPI_Get_count");
  Bytes nowhere(static_cast<std::size_t>(size));
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Imrecv(nowhere.data(), size, MPI_BYTE, &message, &request), "MPI_Imrecv");
  wait_sleeping(request);
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  WEIR_CHECK(code == MPI_SUCCESS, std::string(call) + ": " + text);
}

void wait_sleeping(MPI_Request& request) {
  constexpr int kTestsBeforeSleeping = 20;
  std::chrono::microseconds pause = 10us;
  for (int tests = 0;; ++tests) {
    int done = 0;
    check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    if (done) return;
    if (tests < kTestsBeforeSleeping) continue;
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::microseconds>(pause * 5 / 4, 1ms);
  }
}

MpiContext::MpiContext(std::unique_ptr<State> state) : state_(std::move(state)) {}

std::unique_ptr<MpiContext> MpiContext::start(MpiThreads wanted) {
  int initialized = 0;
  MPI_Initialized(&initialized);
  WEIR_CHECK(!initialized, "MPI is initialized already: borrow a communicator instead");
  // Where ranks outnumber cores, Open MPI gives its time slice away at every look for messages.
  // weir looks rarely and sleeps otherwise: a slice given away would delay a message by
  // milliseconds.
  ::setenv("OMPI_MCA_mpi_yield_when_idle", "0", 0);
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(nullptr, nullptr, level_of(wanted), &provided), "MPI_Init_thread");
  if (provided < level_of(wanted)) {
    MPI_Finalize();
    refuse_less_than(level_of(wanted), provided);
  }
  auto state = private_copy_of(MPI_COMM_WORLD);
  state->finalize = true;
  return std::make_unique<MpiContext>(std::move(state));
}

void require_thread_support(MpiThreads wanted) {
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Query_thread(&provided), "MPI_Query_thread");
  refuse_less_than(level_of(wanted), provided);
}

std::unique_ptr<MpiContext> borrow_communicator(MPI_Comm communicator, MpiThreads wanted) {
  int initialized = 0;
  int finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (!initialized || finalized)
    throw Error("MPI is not running", initialized ? "MPI after MPI_Finalize" : "no MPI_Init yet",
                "an initialized MPI with " + name_of_level(level_of(wanted)),
                "starting weir between MPI_Init_thread and MPI_Finalize");
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Query_thread(&provided), "MPI_Query_thread");
  refuse_less_than(level_of(wanted), provided);
  refuse_wrong_thread(provided);
  return std::make_unique<MpiContext>(private_copy_of(communicator));
}

MpiContext::~MpiContext() { end(); }

void MpiContext::end() {
  if (std::exchange(state_->has_ended, true)) return;
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized) return;
  state_->at_finalize = nullptr;
  if (int key = state_->finalize_key; key != MPI_KEYVAL_INVALID) {
    MPI_Comm_delete_attr(MPI_COMM_SELF, key);
    MPI_Comm_free_keyval(&key);
  }
  if (!state_->finalize) {
    // An exception takes this rank out, and the others may never come: the communicator stays, and
    // its number is not given again.
    if (state_->has_left || std::uncaught_exceptions() > state_->unwinding_before) return;
    drop_untaken();
  }  // Else MPI ends as well: no communicator follows, and a rank may be dead.
  if (state_->host_memory != MPI_WIN_NULL) MPI_Win_free(&state_->host_memory);
  MPI_Comm_free(&state_->communicator);
  if (state_->finalize) MPI_Finalize();
}

RankId MpiContext::rank() const { return RankId(state_->rank); }
int MpiContext::rank_count() const { return state_->rank_count; }

RankId MpiContext::host_of(RankId rank) const {
  WEIR_CHECK(rank.value() >= 0 && rank.value() < state_->rank_count, "no such rank");
  return state_->host_of[static_cast<std::size_t>(rank.value())];
}

int MpiContext::host_count() const { return state_->host_count; }
int MpiContext::ranks_on_this_host() const { return state_->ranks_on_this_host; }
int MpiContext::index_on_this_host() const { return state_->index_on_this_host; }

BellWord* MpiContext::bell_word(RankId rank) const {
  WEIR_CHECK(rank.value() >= 0 && rank.value() < state_->rank_count, "no such rank");
  return state_->bell_words[static_cast<std::size_t>(rank.value())];
}

FrameCount* MpiContext::frame_count(RankId sender, RankId receiver) const {
  if (bell_word(sender) == nullptr || bell_word(receiver) == nullptr) return nullptr;
  return state_->frame_counts[static_cast<std::size_t>(receiver.value())] +
         state_->index_on_host[static_cast<std::size_t>(sender.value())];
}

// MPI_Finalize frees MPI_COMM_SELF before anything else, and then the attributes go
// (MPI 4.0, 11.2.4).
void MpiContext::at_finalize(std::function<void()> action) {
  WEIR_CHECK(state_->finalize_key == MPI_KEYVAL_INVALID, "a second action for MPI_Finalize");
  state_->at_finalize = std::move(action);
  const auto act = [](MPI_Comm, int, void* context_state, void*) {
    auto& state = *static_cast<State*>(context_state);
    state.finalize_key = MPI_KEYVAL_INVALID;  // It is being deleted.
    if (const auto wanted = std::exchange(state.at_finalize, nullptr)) wanted();
    return MPI_SUCCESS;
  };
  check_mpi(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, act, &state_->finalize_key, nullptr),
            "MPI_Comm_create_keyval");
  check_mpi(MPI_Comm_set_attr(MPI_COMM_SELF, state_->finalize_key, state_.get()),
            "MPI_Comm_set_attr");
}

void MpiContext::leave() { state_->has_left = true; }
bool MpiContext::has_left() const {
  int finalized = 0;
  MPI_Finalized(&finalized);
  return state_->has_left || finalized != 0;
}

std::uint64_t MpiContext::drop_untaken() {
  const auto rank_count = static_cast<std::size_t>(state_->rank_count);
  Traffic& traffic = state_->traffic;
  std::vector<std::uint64_t> sent_here(rank_count);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ialltoall(traffic.sent_to.data(), 1, MPI_UINT64_T, sent_here.data(), 1,
                          MPI_UINT64_T, state_->communicator, &request),
            "MPI_Ialltoall");
  wait_sleeping(request);
  std::uint64_t dropped = 0;
  for (std::size_t from = 0; from < rank_count; ++from) {
    for (; traffic.taken_from[from] < sent_here[from]; ++traffic.taken_from[from]) {
      drop_one(state_->communicator, static_cast<int>(from));
      ++dropped;
    }
  }
  for (MPI_Request& receive : traffic.left) wait_sleeping(receive);
  traffic.left.clear();
  // Who has everything stays: large messages come only while their sender is in MPI.
  check_mpi(MPI_Ibarrier(state_->communicator, &request), "MPI_Ibarrier");
  wait_sleeping(request);
  return dropped;
}

void end_all_ranks_on_failure() {
  set_failure_hook([] {
    int initialized = 0;
    int finalized = 0;
    MPI_Initialized(&initialized);
    MPI_Finalized(&finalized);
    if (initialized && !finalized) MPI_Abort(MPI_COMM_WORLD, 1);
  });
}

void keep_freed_memory() {
  // 32 MB is the largest threshold that glibc takes.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

}  // namespace weir
