// Linked into a program of weir, this is an MPI that sends one message twice, a fault that no MPI
// should have: MPI's profiling interface lets a program stand before MPI_Isend. The variable
// REPEATED_MESSAGE says which: `ends` or `tasks`, the first that this rank sends to another one
// after a few of its kind; unset: none.

#include <mpi.h>

#include <cstdlib>
#include <deque>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "runtime/base/bytes.hpp"
#include "runtime/mpi/outbox.hpp"
#include "runtime/protocol/message.hpp"
#include "runtime/protocol/wire_layout.hpp"

namespace weir {
namespace {

// So that the run is well under way.
constexpr int kBefore = 20;

template <typename Wanted, std::size_t kIndex = 0>
constexpr std::size_t index_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<kIndex, Message>, Wanted>) {
    return kIndex;
  } else {
    return index_of<Wanted, kIndex + 1>();
  }
}

std::optional<std::size_t> repeated_type() {
  const char* const name = std::getenv("REPEATED_MESSAGE");
  if (name == nullptr) return std::nullopt;
  if (std::string_view(name) == "ends") return index_of<EndBatch>();
  if (std::string_view(name) == "tasks") return index_of<TaskBatch>();
  std::abort();
}

// The frame with its message of the type a second time, or nothing. Attachments follow a frame, and
// are not repeated.
std::optional<Bytes> repeated(std::span<const std::byte> frame, std::size_t type) {
  ByteReader in(frame);
  std::optional<Bytes> twice;
  while (in.remaining() > 0) {
    const auto head = in.block();
    WirePrefix prefix{};
    ByteReader(head).raw(&prefix, sizeof prefix);
    if (!in.ok() || prefix.attachment_count > 0) return std::nullopt;
    if (prefix.type != type || twice) continue;
    twice.emplace(frame.begin(), frame.end());
    ByteWriter(*twice).block(head);
  }
  return twice;
}

}  // namespace
}  // namespace weir

// Only one thread of a rank calls MPI.
extern "C" int MPI_Isend(const void* memory, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm communicator, MPI_Request* request) {
  static const std::optional<std::size_t> wanted = weir::repeated_type();
  static std::deque<weir::Bytes> sent;  // outlives the request
  static int seen = 0;
  if (wanted && tag == weir::kFrameTag && seen <= weir::kBefore) {
    const std::span frame(static_cast<const std::byte*>(memory), static_cast<std::size_t>(count));
    if (auto twice = weir::repeated(frame, *wanted); twice && seen++ == weir::kBefore) {
      const weir::Bytes& kept = sent.emplace_back(std::move(*twice));
      return PMPI_Isend(kept.data(), static_cast<int>(kept.size()), type, to, tag, communicator,
                        request);
    }
  }
  return PMPI_Isend(memory, count, type, to, tag, communicator, request);
}
