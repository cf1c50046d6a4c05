// When a home stops relying on a node. A stopped node (SIGSTOP, a machine that swaps) says nothing,
// and no error ever comes; so the home goes by silence, and asks before it judges.
//
// - Anything that comes from the node itself is a sign of life, and so is a report of it that
//   others passed on, as old as it is.
// - A node where the home has business and which was silent for half of the bounded time is asked
//   directly (a Probe, which every node answers at once). So a coordinator that is silent makes
//   nobody suspect: its nodes answer for themselves.
// - A node that does not answer for the other half is suspected, until it gives a sign of life.
//   Where answers usually take long, it has longer: their mean and mean deviation, as in
//   V. Jacobson, "Congestion avoidance and control", SIGCOMM 1988.
// - Time in which this rank itself did not run does not count, however long: after its own stop it
//   would otherwise suspect everybody.
//
// Pure: it says whom to ask and whom to suspect, and sends nothing.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

struct SuspicionOptions {
  // Silence that makes a node suspect; up to four times as much where answers take long. Zero:
  // nobody is ever suspected. Two seconds are eight heartbeats: on a busy machine of two cores a
  // control thread can wait 10 ms for a core.
  Duration after = std::chrono::seconds(2);
  // How long a node stays suspected until it is found to be lost for good. Zero: it may come back
  // at any time.
  Duration lost_after{0};
};

class Suspicion {
 public:
  explicit Suspicion(const SuspicionOptions& options) : options_(options) {}

  bool is_on() const { return options_.after > Duration::zero(); }

  // Before anything else that this rank does at `now`.
  void on_event(Instant now);

  // A sign of life that the node gave at `made`; not before the home has had business anywhere,
  // for until then there is nobody to suspect. True when it was suspected and no longer is.
  bool on_sign(RankId node, Instant made, Instant now);

  // Looks at the nodes from time to time: those where the home has business. What is found is valid
  // until the next call.
  struct Findings {
    std::vector<RankId> ask;     // send them a Probe
    std::vector<RankId> silent;  // to be suspected, if the home wants to
    std::vector<RankId> lost;    // suspected for long
  };
  bool is_due(Instant now) const { return is_on() && attended(now) >= next_look_; }
  const Findings& look(std::span<const RankId> business, Instant now);

  void suspect(RankId node, Instant now);
  bool suspects(RankId node) const {
    return position(node) < nodes_.size() && nodes_[position(node)].suspected;
  }
  std::size_t suspect_count() const { return suspect_count_; }

  // How long a node that was asked has for its answer.
  Duration patience() const;

 private:
  struct Node {
    Instant heard{};  // as is all time here: without that in which this rank did not run
    Instant asked{};  // since then, if later than `heard`
    bool suspected = false;
    Instant suspected_since{};
  };

  Node& known_node(RankId rank);
  static std::size_t position(RankId node) { return static_cast<std::size_t>(node.value()); }
  Instant attended(Instant now) const { return now - missed_; }
  void learn(Duration answer);
  void find_lost(Instant here);

  SuspicionOptions options_;
  Instant last_event_{};
  bool has_begun_ = false;
  Duration missed_{0};  // time in which this rank did not run
  Instant next_look_{};
  std::vector<Node> nodes_;  // by rank, up to the last one known; empty before any business
  Instant first_business_{};
  std::size_t suspect_count_ = 0;
  Duration usual_answer_{0};  // how long it takes; forgotten where none comes
  Duration deviation_{0};
  Findings findings_;
};

}  // namespace weir
