// How ranks tell each other all before any of them sends messages, or say that they will not.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/mpi/mpi_state.hpp"

namespace weir {
namespace {

// The places of blocks of these sizes, one behind the other.
std::vector<int> offsets_of(const std::vector<int>& sizes) {
  std::vector<int> offsets(sizes.size(), 0);
  const auto total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  WEIR_CHECK(total <= std::numeric_limits<int>::max(), "more than 2 GB gathered at once");
  std::partial_sum(sizes.begin(), sizes.end() - 1, offsets.begin() + 1);
  return offsets;
}

std::vector<Bytes> split(const Bytes& all, const std::vector<int>& sizes) {
  std::vector<Bytes> parts;
  auto at = all.begin();
  for (const int size : sizes) {
    parts.emplace_back(at, at + size);
    at += size;
  }
  return parts;
}

// A round in which each rank tells how much it has to say.
constexpr int kDeclines = -1;         // and waits for the others
constexpr int kDeclinesAndGoes = -2;  // and takes part in nothing more
struct SizesOfAll {
  SizesOfAll(const MpiContext::State& state, int mine)
      : own(mine), sizes(static_cast<std::size_t>(state.rank_count)) {
    check_mpi(
        MPI_Iallgather(&own, 1, MPI_INT, sizes.data(), 1, MPI_INT, state.communicator, &request),
        "MPI_Iallgather");
  }
  int own;
  std::vector<int> sizes;
  MPI_Request request = MPI_REQUEST_NULL;
};

int checked_size(const Bytes& bytes) {
  WEIR_CHECK(bytes.size() <= std::numeric_limits<int>::max(), "more than 2 GB gathered at once");
  return static_cast<int>(bytes.size());
}

}  // namespace

void MpiContext::decline(bool waits) {
  if (has_left()) return;
  auto round = std::make_unique<SizesOfAll>(*state_, waits ? kDeclines : kDeclinesAndGoes);
  if (waits) {
    wait_sleeping(round->request);
    const auto waits_too = [](int size) { return size == kDeclines; };
    if (std::ranges::all_of(round->sizes, waits_too)) return;
  } else {
    // The others may come late, and MPI goes on with it whenever it is called here.
    [[maybe_unused]] const auto* const left_to_mpi = round.release();
  }
  leave();
}

std::vector<Bytes> MpiContext::gather_to_all(const Bytes& mine) {
  WEIR_CHECK(!state_->has_left, "a rank that has left gathers");
  const int size = checked_size(mine);
  SizesOfAll round(*state_, size);
  wait_sleeping(round.request);
  const std::vector<int>& sizes = round.sizes;
  const auto declined = std::ranges::find_if(sizes, [](int one) { return one < 0; });
  if (declined != sizes.end()) {
    leave();
    const std::string its_name = "rank " + std::to_string(declined - sizes.begin());
    throw Error(its_name + " does not begin with the others",
                its_name + " has given up, or ends without having begun", "a begin on all ranks",
                "what " + its_name + " says, or the same calls there");
  }

  MPI_Request request = MPI_REQUEST_NULL;
  const auto offsets = offsets_of(sizes);
  Bytes all(static_cast<std::size_t>(offsets.back() + sizes.back()));
  check_mpi(MPI_Iallgatherv(mine.data(), size, MPI_BYTE, all.data(), sizes.data(), offsets.data(),
                            MPI_BYTE, state_->communicator, &request),
            "MPI_Iallgatherv");
  wait_sleeping(request);
  return split(all, sizes);
}

std::vector<Bytes> MpiContext::gather(const Bytes& mine) {
  const int size = checked_size(mine);
  const bool root = state_->rank == 0;
  std::vector<int> sizes(root ? static_cast<std::size_t>(state_->rank_count) : 0);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(
      MPI_Igather(&size, 1, MPI_INT, sizes.data(), 1, MPI_INT, 0, state_->communicator, &request),
      "MPI_Igather");
  wait_sleeping(request);

  const auto offsets = root ? offsets_of(sizes) : std::vector<int>{};
  Bytes all(root ? static_cast<std::size_t>(offsets.back() + sizes.back()) : 0);
  check_mpi(MPI_Igatherv(mine.data(), size, MPI_BYTE, all.data(), sizes.data(), offsets.data(),
                         MPI_BYTE, 0, state_->communicator, &request),
            "MPI_Igatherv");
  wait_sleeping(request);
  return split(all, sizes);
}

}  // namespace weir
