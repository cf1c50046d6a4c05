#include "runtime/mpi/inbox.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/mpi/outbox.hpp"

namespace weir {
namespace {

constexpr int kFramesPerPoll = 16;
constexpr std::size_t kMostSpareReceived = 16;

bool test(MPI_Request& request) {
  int done = 0;
  check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

}  // namespace

Inbox::Inbox(MpiContext::State& state, const std::vector<FrameCount*>& counts, const Clock& clock)
    : communicator_(state.communicator), traffic_(state.traffic), clock_(clock) {
  for (FrameCount* count : counts) peers_.emplace_back().count = count;
}

Inbox::~Inbox() {
  for (const int from : active_) {
    // MPI may still write into these, so they are never freed.
    const auto* const stuck = new Peer(std::move(peers_[static_cast<std::size_t>(from)]));
    for (const Frame& frame : stuck->frames) traffic_.left.push_back(frame.request);
    for (const Waiting& message : stuck->waiting) {
      traffic_.left.insert(traffic_.left.end(), message.requests.begin(), message.requests.end());
    }
  }
}

void Inbox::abandon(int from) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  peer.abandoned = true;
  if (peer.idle()) return;
  for (const Frame& frame : peer.frames) bytes_under_way_ -= frame.bytes.size();
  for (const Waiting& message : peer.waiting) {
    for (const Bytes& attachment : message.attachments) bytes_under_way_ -= attachment.size();
  }
  auto* const stuck = new Peer(std::move(peer));  // MPI may still write there.
  peer = Peer{.count = stuck->count, .abandoned = true, .frames = {}, .waiting = {}};
  std::erase(active_, from);
}

bool Inbox::poll(std::deque<Envelope>& ready, std::vector<int>& senders) {
  bool any = false;
  for (int i = 0; i < kFramesPerPoll && take_frame(ready); ++i) any = true;
  for (std::size_t i = 0; i < active_.size();) {
    const int from = active_[i];
    any = advance(from, ready) || any;
    if (peers_[static_cast<std::size_t>(from)].idle()) {
      active_[i] = active_.back();
      active_.pop_back();
    } else {
      ++i;
    }
  }
  senders.insert(senders.end(), to_tell_.begin(), to_tell_.end());
  to_tell_.clear();
  return any;
}

void Inbox::count(int from) {
  FrameCount* const count = peers_[static_cast<std::size_t>(from)].count;
  if (count != nullptr && count->take() && (to_tell_.empty() || to_tell_.back() != from)) {
    to_tell_.push_back(from);
  }
}

bool Inbox::take_frame(std::deque<Envelope>& ready) {
  int found = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  check_mpi(MPI_Improbe(MPI_ANY_SOURCE, kFrameTag, communicator_, &found, &message, &status),
            "MPI_Improbe");
  if (!found) return false;
  int size = 0;
  check_mpi(MPI_Get_count(&status, MPI_BYTE, &size), "MPI_Get_count");

  Frame frame;
  if (!spare_frames_.empty()) {
    frame.bytes = std::move(spare_frames_.back());
    spare_frames_.pop_back();
  }
  frame.bytes.resize(static_cast<std::size_t>(size));
  check_mpi(MPI_Imrecv(frame.bytes.data(), size, MPI_BYTE, &message, &frame.request), "MPI_Imrecv");
  bytes_under_way_ += frame.bytes.size();
  bytes_received_ += frame.bytes.size();

  const int from = status.MPI_SOURCE;
  ++traffic_.taken_from[static_cast<std::size_t>(from)];
  count(from);
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  const bool was_idle = peer.idle();
  peer.frames.push_back(std::move(frame));
  if (was_idle) {
    advance(from, ready);
    if (!peer.idle()) active_.push_back(from);
  }
  return true;
}

bool Inbox::advance(int from, std::deque<Envelope>& ready) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  bool any = false;
  while (!peer.frames.empty() && test(peer.frames.front().request)) {
    Bytes frame = std::move(peer.frames.front().bytes);
    peer.frames.pop_front();
    bytes_under_way_ -= frame.size();
    read_frame(from, frame, ready);
    if (spare_frames_.size() < kMostSpareReceived && frame.capacity() <= 2 * kFrameBytes)
      spare_frames_.push_back(std::move(frame));
    any = true;
  }
  while (!peer.waiting.empty()) {
    Waiting& first = peer.waiting.front();
    while (first.done < first.requests.size() && test(first.requests[first.done])) {
      ++first.done;
      count(from);
      any = true;
    }
    if (first.done < first.requests.size()) break;
    for (const Bytes& attachment : first.attachments) bytes_under_way_ -= attachment.size();
    deliver(from, first.head, std::move(first.attachments), ready);
    peer.waiting.pop_front();
    any = true;
  }
  return any;
}

void Inbox::read_frame(int from, std::span<const std::byte> frame, std::deque<Envelope>& ready) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  ByteReader in(frame);
  while (in.remaining() > 0) {
    const auto head = in.block();
    const auto sizes = attachment_sizes(head);
    WEIR_CHECK(in.ok() && sizes.has_value(), "a torn message");
    if (peer.abandoned && !sizes->empty()) continue;
    if (sizes->empty() && peer.waiting.empty()) {
      deliver(from, head, {}, ready);
      continue;
    }
    Waiting& message = peer.waiting.emplace_back();
    message.head.assign(head.begin(), head.end());
    post_attachments(from, message, *sizes);
  }
}

// Posted in the order of the heads, which is the order in which the peer sends.
void Inbox::post_attachments(int from, Waiting& message, const std::vector<std::size_t>& sizes) {
  message.attachments.reserve(sizes.size());
  bool whole = true;
  for (const std::size_t size : sizes) {
    Bytes& memory = message.attachments.emplace_back(size);
    bytes_under_way_ += size;
    bytes_received_ += size;
    for (std::size_t at = 0; at < size; at += kPieceBytes) {
      const auto piece = static_cast<int>(std::min(size - at, kPieceBytes));
      MPI_Request& request = message.requests.emplace_back(MPI_REQUEST_NULL);
      check_mpi(MPI_Irecv(memory.data() + at, piece, MPI_BYTE, from, kAttachmentTag, communicator_,
                          &request),
                "MPI_Irecv");
      ++traffic_.taken_from[static_cast<std::size_t>(from)];
      whole = whole && test(request);
    }
  }
  if (!whole) to_tell_.push_back(from);
}

void Inbox::deliver(int from, std::span<const std::byte> head, std::vector<Bytes> attachments,
                    std::deque<Envelope>& ready) {
  auto envelope = decode(RankId(from), head, std::move(attachments), clock_.now());
  WEIR_CHECK(envelope.has_value(), "a torn message");
  ready.push_back(std::move(*envelope));
}

}  // namespace weir
