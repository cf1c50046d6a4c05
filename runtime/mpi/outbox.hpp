// Inside runtime/mpi: messages on their way out. Heads for one peer are collected in a frame, and a
// frame is one MPI message; attachments follow it as messages of their own, sent from where they
// lie. A frame that carries an attachment's head ends with it.
//
// No peer has more than a window of MPI messages under way. Open MPI keeps some hundred buffers
// between the ranks of a host, for all peers together, and sends to a peer that takes nothing
// (stopped, or busy for long) would soon hold all of them: then nothing reaches the others either.
// Beyond its window a peer's messages are held here, in order, and cost the others nothing. They
// leave when the peer goes on, many in one frame. What is held is not bounded here but by those who
// send: tasks by the credit of the node, reservations, ends and answers by the tasks of their
// homes, and what is said again and again is held once (newest_counts). Of changes that go up and
// down the tree one message per interval is held: to a silent child its coordinator sends none.
//
// On one host the receiver counts in shared memory what it has taken (FrameCount). Elsewhere a
// message counts until MPI is done with it, which means that the network has it: there each peer
// has buffers of its own.

#pragma once

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <span>
#include <variant>
#include <vector>

#include "runtime/mpi/frame_count.hpp"
#include "runtime/mpi/mpi_state.hpp"
#include "runtime/protocol/codec.hpp"

namespace weir {

inline constexpr int kFrameTag = 1;
inline constexpr int kAttachmentTag = 2;
// A frame is closed when it has grown to this; one longer head still makes a frame of its own.
inline constexpr std::size_t kFrameBytes = 32 * 1024;
// Longer attachments travel in pieces, because MPI counts in ints.
inline constexpr std::size_t kPieceBytes = std::size_t{1} << 30;

class Outbox {
 public:
  // The state and the counts stay the caller's and outlive the outbox. `counts`: by receiver, null
  // where none is shared.
  Outbox(MpiContext::State& state, const std::vector<FrameCount*>& counts);
  // What is still under way has a moment to complete; then its memory is left to MPI for good.
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void add(int to, EncodedMessage message);
  // The last one for that peer, without attachments: it leaves with the next flush() whatever is
  // under way to it, and what is held for it is dropped.
  void add_last(int to, const EncodedMessage& message);

  // What waits for that peer is dropped. What MPI has of it is left to MPI for good, with its
  // memory: no send to a process that is dead ever completes.
  void abandon(int to);

  // Hands all open frames to MPI. Appends the peers that got something since the last flush, each
  // once; not those for whom all of it is held.
  void flush(std::vector<int>& peers);

  // Frees what has been sent, oldest first at each peer, and sends what was held as far as there is
  // room; true when there was any. Appends the peers to whom a frame left only now: the bell that
  // was rung when it was handed to MPI may have come too early.
  bool poll(std::vector<int>& late);

  // Bytes handed to MPI that it has not finished with.
  std::size_t bytes_under_way() const { return bytes_under_way_; }
  bool under_way() const { return sends_under_way_ > 0; }
  // Whether some of it may wait for this rank to call MPI. Small sends to this host do not: they
  // lie copied in the receiver's queue, and MPI only has not noticed yet that they were taken. Nor
  // does what is held: who takes the rest rings.
  bool needs_progress() const { return pushed_sends_under_way_ > 0; }
  std::size_t held_messages() const;
  std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  struct Sending {
    MPI_Request request = MPI_REQUEST_NULL;
    std::size_t bytes = 0;
    bool frame = false;
    bool pushed = false;  // may wait for this rank to call MPI
    std::variant<Bytes, Payload> memory;
  };
  struct Peer {
    FrameCount* count = nullptr;
    std::uint32_t sent = 0;  // by `count`
    int not_taken = 0;       // of those, when last looked
    Bytes frame;             // open
    bool touched = false;
    std::deque<Sending> sending;
    std::deque<EncodedMessage> held;  // behind the frame; none while it is open
  };

  bool try_append(int to, EncodedMessage& message);
  bool has_room(Peer& peer);
  int window() const;
  void look_at_count(Peer& peer);
  void hold(int to, EncodedMessage message);
  bool send_held(int to);
  bool go_on_with_waiting(std::vector<int>& late);
  void close_frame(int to);
  void start(int to, int tag, std::span<const std::byte> bytes,
             std::variant<Bytes, Payload> memory);
  void send_attachment(int to, const Payload& attachment);
  static bool is_done(Sending& sending);
  void recycle(Sending done);
  Bytes empty_frame();

  MPI_Comm communicator_;
  Traffic& traffic_;
  std::vector<Peer> peers_;
  std::vector<int> touched_;  // peers that got something since the last flush
  std::vector<int> active_;   // peers with something under way
  std::vector<int> waiting_;  // peers for whom something is held
  std::vector<Bytes> spare_frames_;
  std::size_t bytes_under_way_ = 0;
  std::size_t sends_under_way_ = 0;
  std::size_t pushed_sends_under_way_ = 0;
  int not_taken_ = 0;  // on this host, by all peers
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace weir
