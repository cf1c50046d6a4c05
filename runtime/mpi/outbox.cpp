#include "runtime/mpi/outbox.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostSpareSent = 64;
// Open MPI copies what is no larger into the memory of a receiver on this host
// (btl_vader_eager_limit) and is done with it, as long as it has buffers left: 512 of them for all
// peers. To another host it is done with a copy only when the network has taken it.
constexpr std::size_t kEagerBytes = 4096;
// Half of those buffers: attachments of a message go out together, and others use MPI as well.
constexpr int kMostOnHost = 256;
// A frame is at least one round of the loop, so a window is more than a peer that runs leaves
// untaken. The fewer buffers are left the smaller it is (A. Choudhury, E. Hahne, "Dynamic queue
// length thresholds for shared-memory packet switches", 1998), but never so small that a few
// stopped peers shut out one that runs.
constexpr int kLargestWindow = 64;
constexpr int kSmallestWindow = 4;
// At the end: a peer that lives takes its last messages much faster, one that does not never will.
constexpr auto kLastMoment = 500ms;

}  // namespace

Outbox::Outbox(MpiContext::State& state, const std::vector<FrameCount*>& counts)
    : communicator_(state.communicator), traffic_(state.traffic) {
  for (FrameCount* count : counts) {
    Peer& peer = peers_.emplace_back();
    peer.count = count;
    if (count != nullptr) peer.sent = count->taken();
  }
}

Outbox::~Outbox() {
  std::vector<int> ignored;
  flush(ignored);
  const auto end = std::chrono::steady_clock::now() + kLastMoment;
  while ((under_way() || !waiting_.empty()) && std::chrono::steady_clock::now() < end)
    if (!poll(ignored)) std::this_thread::sleep_for(50us);
  // MPI may still read these, so they are never freed.
  for (const int peer : active_)
    new std::deque<Sending>(std::move(peers_[static_cast<std::size_t>(peer)].sending));
}

void Outbox::abandon(int to) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  peer.frame.clear();
  peer.held.clear();
  std::erase(waiting_, to);
  std::erase(active_, to);
  for (const Sending& stuck : peer.sending) {
    bytes_under_way_ -= stuck.bytes;
    --sends_under_way_;
    if (stuck.pushed) --pushed_sends_under_way_;
  }
  new std::deque<Sending>(std::move(peer.sending));  // MPI may still read these.
  peer.sending.clear();
  not_taken_ -= peer.not_taken;
  peer.not_taken = 0;
  peer.count = nullptr;
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
  auto* frame = std::get_if<Bytes>(&done.memory);
  if (frame == nullptr || spare_frames_.size() >= kMostSpareSent) return;
  if (frame->capacity() > 2 * kFrameBytes) return;
  frame->clear();
  spare_frames_.push_back(std::move(*frame));
}

void Outbox::add(int to, EncodedMessage message) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (!peer.held.empty() || !try_append(to, message)) return hold(to, std::move(message));
  if (peer.touched) return;
  peer.touched = true;
  touched_.push_back(to);
}

void Outbox::add_last(int to, const EncodedMessage& message) {
  WEIR_CHECK(message.attachments.empty(), "a last message with attachments");
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  peer.held.clear();
  std::erase(waiting_, to);
  if (peer.count != nullptr) peer.count->set_waits(false);
  if (peer.frame.capacity() == 0) peer.frame = empty_frame();
  ByteWriter(peer.frame).block(message.head);
  if (!std::exchange(peer.touched, true)) touched_.push_back(to);
}

// False, and the message is as it was, when it would need a frame for which there is no room.
bool Outbox::try_append(int to, EncodedMessage& message) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (peer.frame.size() + message.head.size() > kFrameBytes) close_frame(to);
  if (peer.frame.empty() && !has_room(peer)) return false;
  if (peer.frame.capacity() == 0) peer.frame = empty_frame();
  ByteWriter(peer.frame).block(message.head);
  if (message.attachments.empty()) return true;

  close_frame(to);
  for (const Payload& attachment : message.attachments) send_attachment(to, attachment);
  return true;
}

int Outbox::window() const {
  return std::clamp(kMostOnHost - not_taken_, kSmallestWindow, kLargestWindow);
}

bool Outbox::has_room(Peer& peer) {
  if (peer.count == nullptr) return peer.sending.size() < kLargestWindow;
  if (peer.not_taken < window()) return true;
  look_at_count(peer);
  if (peer.not_taken < window()) return true;
  if (peer.not_taken >= kLargestWindow) return false;
  // There are few buffers left, as far as was seen when somebody last looked.
  for (Peer& other : peers_) look_at_count(other);
  return peer.not_taken < window();
}

// It may count what an earlier outbox had sent: then nothing is under way by this one.
void Outbox::look_at_count(Peer& peer) {
  if (peer.count == nullptr) return;
  not_taken_ -= peer.not_taken;
  const std::uint32_t taken = peer.count->taken();
  peer.not_taken = static_cast<int>(peer.sent - taken);
  if (peer.not_taken < 0) {
    peer.sent = taken;
    peer.not_taken = 0;
  }
  not_taken_ += peer.not_taken;
}

void Outbox::hold(int to, EncodedMessage message) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (peer.held.empty()) {
    waiting_.push_back(to);
    if (peer.count != nullptr) peer.count->set_waits(true);
  }
  const std::size_t kind = kind_of(message.head);
  if (newest_counts(kind)) {
    std::erase_if(peer.held, [kind](const auto& old) { return kind_of(old.head) == kind; });
  }
  peer.held.push_back(std::move(message));
}

// True when anything left.
bool Outbox::send_held(int to) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  bool any = false;
  while (!peer.held.empty() && try_append(to, peer.held.front())) {
    peer.held.pop_front();
    any = true;
  }
  close_frame(to);
  return any;
}

bool Outbox::go_on_with_waiting(std::vector<int>& late) {
  bool any = false;
  for (std::size_t i = 0; i < waiting_.size();) {
    const int to = waiting_[i];
    if (send_held(to)) {
      late.push_back(to);
      any = true;
    }
    Peer& peer = peers_[static_cast<std::size_t>(to)];
    if (!peer.held.empty()) {
      ++i;
      continue;
    }
    if (peer.count != nullptr) peer.count->set_waits(false);
    waiting_[i] = waiting_.back();
    waiting_.pop_back();
  }
  return any;
}

std::size_t Outbox::held_messages() const {
  std::size_t count = 0;
  for (const int to : waiting_) count += peers_[static_cast<std::size_t>(to)].held.size();
  return count;
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
  const bool pushed = peer.count == nullptr || bytes.size() > kEagerBytes;
  Sending started{MPI_REQUEST_NULL, bytes.size(), tag == kFrameTag, pushed, std::move(memory)};
  check_mpi(MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, tag,
                      communicator_, &started.request),
            "MPI_Isend");
  ++traffic_.sent_to[static_cast<std::size_t>(to)];
  bytes_under_way_ += bytes.size();
  bytes_sent_ += bytes.size();
  ++sends_under_way_;
  if (pushed) ++pushed_sends_under_way_;
  if (peer.count != nullptr) {
    ++peer.sent;
    ++peer.not_taken;
    ++not_taken_;
  }

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
  return go_on_with_waiting(late) || any;
}

}  // namespace weir
