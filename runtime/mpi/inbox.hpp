// Inside runtime/mpi: messages on their way in. Frames are taken in the order they were sent at
// each peer; attachments are received straight into the memory that the payload or result will own.
// A message is delivered when it is whole, and never before an earlier one of the same peer.

#pragma once

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "runtime/environment/clock.hpp"
#include "runtime/mpi/frame_count.hpp"
#include "runtime/mpi/mpi_state.hpp"
#include "runtime/protocol/codec.hpp"

namespace weir {

class Inbox {
 public:
  // The state, `clock` and the counts stay the caller's and outlive the inbox. `counts`: by
  // sender, null where none is shared.
  Inbox(MpiContext::State& state, const std::vector<FrameCount*>& counts, const Clock& clock);
  // What is still coming is left to MPI for good, with its memory.
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Takes a bounded number of frames that have come, and appends the messages that are whole; true
  // when anything went on. Appends to `senders` the peers that have to push data towards a receive
  // just posted, or wait for the count of what was taken.
  bool poll(std::deque<Envelope>& ready, std::vector<int>& senders);

  // Of what that peer was sending nothing more is expected; MPI keeps the memory for it. Should it
  // live, what it says is heard from now on but for messages with attachments: which of those are
  // still to come is no longer known.
  void abandon(int from);

  // Bytes matched or announced that are not here yet.
  std::size_t bytes_under_way() const { return bytes_under_way_; }
  bool under_way() const { return !active_.empty(); }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  struct Frame {
    Bytes bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  struct Waiting {
    Bytes head;
    std::vector<Bytes> attachments;
    std::vector<MPI_Request> requests;  // in the order posted; `done` of them have completed
    std::size_t done = 0;
  };
  struct Peer {
    FrameCount* count = nullptr;
    bool abandoned = false;
    std::deque<Frame> frames;     // matched, not whole
    std::deque<Waiting> waiting;  // read from frames, not delivered
    bool idle() const { return frames.empty() && waiting.empty(); }
  };

  bool take_frame(std::deque<Envelope>& ready);
  void count(int from);
  bool advance(int from, std::deque<Envelope>& ready);
  void read_frame(int from, std::span<const std::byte> frame, std::deque<Envelope>& ready);
  void post_attachments(int from, Waiting& message, const std::vector<std::size_t>& sizes);
  void deliver(int from, std::span<const std::byte> head, std::vector<Bytes> attachments,
               std::deque<Envelope>& ready);

  MPI_Comm communicator_;
  Traffic& traffic_;
  const Clock& clock_;
  std::vector<Peer> peers_;
  std::vector<int> active_;  // peers with something under way
  std::vector<Bytes> spare_frames_;
  std::vector<int> to_tell_;  // senders of receives posted in this poll, and those that wait
  std::size_t bytes_under_way_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace weir
