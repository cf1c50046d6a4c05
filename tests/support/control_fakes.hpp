// What one part of an agent needs around it when it is tested alone.

#pragma once

#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// Keeps what was sent.
class RecordingTransport final : public Transport {
 public:
  struct Sent {
    RankId to;
    Message message;
  };

  RecordingTransport(int self, int rank_count) : self_(self), rank_count_(rank_count) {}

  RankId rank() const override { return self_; }
  int rank_count() const override { return rank_count_; }
  void send(RankId to, Message message) override {
    ++sent_count_;
    sent.push_back({to, std::move(message)});
  }
  std::optional<Envelope> try_receive() override { return std::nullopt; }
  TransportCounts counts() const override { return {.messages_sent = sent_count_}; }

  // The messages of one type that were sent to `to` since the last call for it, in order.
  template <typename M>
  std::vector<M> take(int to) {
    std::vector<M> taken;
    std::erase_if(sent, [&](Sent& one) {
      M* message = one.to == RankId(to) ? std::get_if<M>(&one.message) : nullptr;
      if (message != nullptr) taken.push_back(std::move(*message));
      return message != nullptr;
    });
    return taken;
  }

  std::vector<Sent> sent;

 private:
  RankId self_;
  int rank_count_;
  std::uint64_t sent_count_ = 0;
};

// Always the same node.
class FixedPolicy final : public Policy {
 public:
  explicit FixedPolicy(int node) : node_(node) {}
  RankId place(const TaskView&, const ClusterView&) override {
    ++placed;
    return node_;
  }
  int placed = 0;

 private:
  RankId node_;
};

// Arguments of 400 bytes.
class Object final : public PayloadObject {
 public:
  Bytes serialize() const override { return Bytes(400); }
};

// Arguments that cannot leave the rank.
class Unserializable final : public PayloadObject {
 public:
  Bytes serialize() const override { throw std::range_error("too wide"); }
};

inline TaskHeader header_of(std::uint64_t id, int home = 0) {
  TaskHeader header;
  header.id = TaskId(id);
  header.home = RankId(home);
  return header;
}

// Tasks with ids from `first_id` on.
inline std::vector<Task> tasks_of(int home, std::uint64_t first_id, int count) {
  std::vector<Task> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back({header_of(first_id + i, home), {}});
  return tasks;
}

}  // namespace weir
