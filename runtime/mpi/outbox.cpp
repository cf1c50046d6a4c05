#include "runtime/mpi/outbox.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/mpi/mpi_state.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxSpareFrames = 64;
// Open MPI copies what is no larger into the memory of a receiver on this host
// (btl_vader_eager_limit) and is done with it, as long as it has buffers left: 512 of them for all
// peers. To another host it is done with a copy only when the network has taken it.
constexpr std::size_t kEagerBytes = 4096;
constexpr std::size_t kMostEagerSends = 256;
// At the end: a peer that lives takes its last messages much faster, one that does not never will.
constexpr auto kLastMoment = 500ms;

}  // namespace

Outbox::Outbox(MPI_Comm communicator, const std::vector<bool>& on_other_host)
    : communicator_(communicator) {
  for (const bool far : on_other_host) peers_.emplace_back().on_other_host = far;
}

Outbox::~Outbox() {
  std::vector<int> ignored;
  flush(ignored);
  const auto end = std::chrono::steady_clock::now() + kLastMoment;
  while (under_way() && std::chrono::steady_clock::now() < end)
    if (!poll(ignored)) std::this_thread::sleep_for(50us);
  // MPI may still read these, so they are never freed.
  for (const int peer : active_)
    new std::deque<Sending>(std::move(peers_[static_cast<std::size_t>(peer)].sending));
}

Bytes Outbox::empty_frame() {
  if (spare_frames_.empty()) {
    Bytes frame;
    frame.reserve(kFrameBytes + kFrameBytes / 8);
    return frame;
  }
  Bytes frame = std::move(spare_frames_.back());
  spare_frames_.pop_back();
  return frame;
}

void Outbox::recycle(Sending done) {
  bytes_under_way_ -= done.bytes;
  --sends_under_way_;
  if (done.pushed) --pushed_sends_under_way_;
  // What MPI keeps back it sends in no order that we know: only when all is sent, nothing is left.
  if (sends_under_way_ == 0) out_of_buffers_ = false;
  auto* frame = std::get_if<Bytes>(&done.memory);
  if (frame == nullptr || spare_frames_.size() >= kMaxSpareFrames) return;
  if (frame->capacity() > 2 * kFrameBytes) return;
  frame->clear();
  spare_frames_.push_back(std::move(*frame));
}

void Outbox::add(int to, EncodedMessage message) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (!peer.touched) {
    peer.touched = true;
    touched_.push_back(to);
  }
  if (peer.frame.size() + message.head.size() > kFrameBytes) close_frame(to);
  if (peer.frame.capacity() == 0) peer.frame = empty_frame();
  ByteWriter(peer.frame).block(message.head);
  if (message.attachments.empty()) return;

  close_frame(to);
  for (const Payload& attachment : message.attachments) send_attachment(to, attachment);
}

void Outbox::close_frame(int to) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (peer.frame.empty()) return;
  // The bytes of a vector stay where they are when it moves.
  const std::span<const std::byte> bytes(peer.frame);
  start(to, kFrameTag, bytes, std::exchange(peer.frame, Bytes()));
}

void Outbox::send_attachment(int to, const Payload& attachment) {
  auto rest = attachment.bytes();
  while (!rest.empty()) {
    const auto piece = rest.first(std::min(rest.size(), kPieceBytes));
    start(to, kAttachmentTag, piece, attachment);
    rest = rest.subspan(piece.size());
  }
}

void Outbox::start(int to, int tag, std::span<const std::byte> bytes,
                   std::variant<Bytes, Payload> memory) {
  WEIR_CHECK(bytes.size() <= std::numeric_limits<int>::max(), "a message head of more than 2 GB");
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  const bool pushed = peer.on_other_host || bytes.size() > kEagerBytes;
  Sending started{MPI_REQUEST_NULL, bytes.size(), tag == kFrameTag, pushed, std::move(memory)};
  check_mpi(MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, tag,
                      communicator_, &started.request),
            "MPI_Isend");
  bytes_under_way_ += bytes.size();
  bytes_sent_ += bytes.size();
  ++sends_under_way_;
  if (pushed) ++pushed_sends_under_way_;
  if (sends_under_way_ > kMostEagerSends) out_of_buffers_ = true;

  auto& sending = peer.sending;
  if (sending.empty() && is_done(started)) {
    recycle(std::move(started));
    return;
  }
  if (sending.empty()) active_.push_back(to);
  sending.push_back(std::move(started));
}

void Outbox::flush(std::vector<int>& peers) {
  for (const int to : touched_) {
    close_frame(to);
    peers_[static_cast<std::size_t>(to)].touched = false;
    peers.push_back(to);
  }
  touched_.clear();
}

bool Outbox::is_done(Sending& sending) {
  int done = 0;
  check_mpi(MPI_Test(&sending.request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

bool Outbox::needs_progress() const { return pushed_sends_under_way_ > 0 || out_of_buffers_; }

bool Outbox::poll(std::vector<int>& late) {
  bool any = false;
  for (std::size_t i = 0; i < active_.size();) {
    auto& sending = peers_[static_cast<std::size_t>(active_[i])].sending;
    bool frame_left = false;
    while (!sending.empty() && is_done(sending.front())) {
      frame_left = frame_left || (sending.front().frame && needs_progress());
      recycle(std::move(sending.front()));
      sending.pop_front();
      any = true;
    }
    if (frame_left) late.push_back(active_[i]);
    if (sending.empty()) {
      active_[i] = active_.back();
      active_.pop_back();
    } else {
      ++i;
    }
  }
  return any;
}

}  // namespace weir
