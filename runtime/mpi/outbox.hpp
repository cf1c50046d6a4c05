// Inside runtime/mpi: messages on their way out. Heads for one peer are collected in a frame, and a
// frame is one MPI message; attachments follow it as messages of their own, sent from where they
// lie. A frame that carries an attachment's head ends with it.

#pragma once

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <span>
#include <variant>
#include <vector>

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
  // `communicator` stays the caller's and outlives the outbox. `on_other_host`: by rank.
  Outbox(MPI_Comm communicator, const std::vector<bool>& on_other_host);
  // What is still under way has a moment to complete; then its memory is left to MPI for good.
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void add(int to, EncodedMessage message);

  // Hands all open frames to MPI. Appends the peers that got something since the last flush, each
  // once.
  void flush(std::vector<int>& peers);

  // Frees what has been sent, oldest first at each peer; true when something was. Appends the peers
  // to whom a frame left only now: the bell that was rung when it was handed to MPI may have come
  // too early.
  bool poll(std::vector<int>& late);

  // Bytes handed to MPI that it has not finished with.
  std::size_t bytes_under_way() const { return bytes_under_way_; }
  bool under_way() const { return sends_under_way_ > 0; }
  // Whether some of it may wait for this rank to call MPI. A few small sends to this host do not:
  // they lie copied in the receiver's queue, and MPI only has not noticed yet that they were taken.
  bool needs_progress() const;
  std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  struct Sending {
    MPI_Request request = MPI_REQUEST_NULL;
    std::size_t bytes = 0;
    bool frame = false;
    bool pushed = false;  // may wait for this rank to call MPI, whatever else is under way
    std::variant<Bytes, Payload> memory;
  };
  struct Peer {
    bool on_other_host = false;
    Bytes frame;  // open
    bool touched = false;
    std::deque<Sending> sending;
  };

  void close_frame(int to);
  void start(int to, int tag, std::span<const std::byte> bytes,
             std::variant<Bytes, Payload> memory);
  void send_attachment(int to, const Payload& attachment);
  static bool is_done(Sending& sending);
  void recycle(Sending done);
  Bytes empty_frame();

  MPI_Comm communicator_;
  std::vector<Peer> peers_;
  std::vector<int> touched_;  // peers that got something since the last flush
  std::vector<int> active_;   // peers with something under way
  std::vector<Bytes> spare_frames_;
  std::size_t bytes_under_way_ = 0;
  std::size_t sends_under_way_ = 0;
  std::size_t pushed_sends_under_way_ = 0;
  bool out_of_buffers_ = false;  // since MPI had so many sends that it keeps some back itself
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace weir
