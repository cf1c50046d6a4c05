#include "runtime/control/router.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/control/task_view.hpp"

namespace weir {
namespace {

// A node that takes tasks gives credit back within a few messages.
constexpr Duration kCreditPatience = std::chrono::milliseconds(10);

}  // namespace

Router::Router(RankId self, const RouterOptions& options, Policy& policy, ClusterState& cluster,
               Transport& transport)
    : self_(self), options_(options), policy_(policy), cluster_(cluster), transport_(transport) {
  WEIR_CHECK(options.credit_per_node > 0 && options.max_batch_tasks > 0,
             "a router without credit can send nothing");
}

RankId Router::route(const TaskHeader& header, const Payload& payload, RankId target, Instant now) {
  RankId node = target;
  if (node == kNoRank) {
    node = policy_.place(view_of(header, now), cluster_.view(now));
    ++decision_count_;
  }
  WEIR_CHECK(node.value() >= 0 && node.value() < cluster_.node_count(),
             "a task was placed on a node that does not exist");
  cluster_.on_placed(node, header.task_class);
  if (peers_.empty()) meet_nodes();
  Peer& peer = peers_[node.value()];
  (header.depth > 0 ? peer.nested : peer.waiting).push_back({header, payload});
  list(node);
  return node;
}

// With the first task: most ranks of a large job place none, and need no memory for it.
void Router::meet_nodes() {
  peers_.resize(static_cast<std::size_t>(cluster_.node_count()));
  for (Peer& peer : peers_) peer.credit = options_.credit_per_node;
}

void Router::on_credit(RankId node, std::uint32_t task_count) {
  if (peers_.empty()) meet_nodes();
  Peer& peer = peers_[node.value()];
  peer.credit += task_count;
  WEIR_CHECK(peer.credit <= options_.credit_per_node, "a node returned more credit than it had");
  peer.is_slow = false;
  peer.starves_since = kNever;
  list(node);
}

void Router::list(RankId node) {
  Peer& peer = peers_[node.value()];
  if (peer.listed) return;
  if (node == self_) {
    if (peer.nested.empty() && peer.waiting.empty()) return;
  } else if (!peer.may_send()) {
    if (peer.nested.empty() || peer.starves) return;
    peer.starves = true;
    starving_.push_back(node);
    return;
  }
  peer.listed = true;
  unsent_.push_back(node);
  if (node != self_) transport_.announce(node);
}

void Router::look(Instant now) {
  if (starving_.empty()) return;
  next_look_ = kNever;
  std::erase_if(starving_, [&](RankId node) {
    Peer& peer = peers_[node.value()];
    if (peer.credit == 0 && !peer.nested.empty()) {
      if (peer.starves_since == kNever) peer.starves_since = now;
      const Instant due = peer.starves_since + kCreditPatience;
      if (now < due) {
        next_look_ = std::min(next_look_, due);
        return false;
      }
      peer.is_slow = true;
    }
    peer.starves = false;
    list(node);
    return true;
  });
}

void Router::flush(std::vector<Task>& local, std::vector<TaskEnd>& failed) {
  std::swap(sending_, unsent_);
  for (const RankId node : sending_) {
    Peer& peer = peers_[node.value()];
    peer.listed = false;
    if (node == self_) {
      while (!peer.nested.empty()) local.push_back(peer.nested.pop_front());
      while (!peer.waiting.empty()) local.push_back(peer.waiting.pop_front());
    } else {
      send_covered(node, peer, failed);
    }
  }
  sending_.clear();
}

std::vector<Task> Router::take_back(RankId node, bool for_good) {
  std::vector<Task> taken;
  if (peers_.empty()) return taken;
  Peer& peer = peers_[node.value()];
  for (Ring<Task>* waiting : {&peer.nested, &peer.waiting}) {
    for (std::size_t left = waiting->size(); left > 0; --left) {
      Task task = waiting->pop_front();
      if ((task.header.flags & kPinned) != 0 && !for_good) {
        waiting->push_back(std::move(task));
      } else {
        taken.push_back(std::move(task));
      }
    }
  }
  return taken;
}

void Router::send_covered(RankId node, Peer& peer, std::vector<TaskEnd>& failed) {
  while (peer.may_send()) {
    TaskBatch batch;
    batch.tasks.reserve(
        std::min(peer.nested.size() + std::min<std::size_t>(peer.waiting.size(), peer.credit),
                 std::size_t{options_.max_batch_tasks}));
    std::size_t bytes = 0;
    while (peer.may_send() && batch.tasks.size() < options_.max_batch_tasks &&
           bytes < options_.max_batch_bytes) {
      Task task = peer.pop_next();
      // An object becomes bytes here, where it leaves the rank and its size starts to matter.
      if (auto end = serialize_payload(task)) {
        failed.push_back(std::move(*end));
        continue;
      }
      bytes += task.payload.bytes().size();
      if (peer.credit > 0) {
        --peer.credit;
      } else {
        task.header.flags |= kUncredited;
      }
      batch.tasks.push_back(std::move(task));
    }
    if (!batch.tasks.empty()) transport_.send(node, std::move(batch));
  }
  list(node);  // It may starve from now on.
}

}  // namespace weir
