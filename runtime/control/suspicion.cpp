#include "runtime/control/suspicion.hpp"

#include <algorithm>
#include <cstdint>

namespace weir {
namespace {

// Of the bounded time: the pause between looks. With two seconds it is a heartbeat.
constexpr int kLooksPerBound = 8;
// A rank runs at least once in a heartbeat. What it misses beyond this part of the bounded time, it
// was stopped itself.
constexpr int kAttentionPerBound = 4;
// However long answers take, a home does not wait longer than so many times the bounded time.
constexpr int kMostPatience = 4;
// One answer in eight is enough weight to follow; what is not confirmed is halved in some 180
// looks, which is three quarters of a minute.
constexpr int kGain = 8;
constexpr int kForgetting = 256;
constexpr int kDeviations = 2;

}  // namespace

void Suspicion::on_event(Instant now) {
  const Duration longest = options_.after / kAttentionPerBound;
  if (has_begun_ && now - last_event_ > longest) missed_ += now - last_event_ - longest;
  has_begun_ = true;
  last_event_ = now;
}

Duration Suspicion::patience() const {
  return std::clamp(usual_answer_ + kDeviations * deviation_, options_.after / 2,
                    kMostPatience * options_.after);
}

void Suspicion::learn(Duration answer) {
  const Duration error = std::min(answer, kMostPatience * options_.after) - usual_answer_;
  usual_answer_ += error / kGain;
  deviation_ += ((error < Duration::zero() ? -error : error) - deviation_) / kGain;
}

bool Suspicion::on_sign(RankId node, Instant made, Instant now) {
  if (nodes_.empty()) return false;
  Node& known = known_node(node);
  const Instant at = attended(std::min(made, now));
  if (at <= known.heard) return false;
  if (known.asked > known.heard && at >= known.asked) learn(at - known.asked);
  known.heard = at;
  // What it said long ago, and was long on its way, is no sign that it lives now.
  if (!known.suspected || attended(now) - at >= options_.after) return false;
  known.suspected = false;
  --suspect_count_;
  return true;
}

const Suspicion::Findings& Suspicion::look(std::span<const RankId> business, Instant now) {
  const Instant here = attended(now);
  next_look_ = here + options_.after / kLooksPerBound;
  findings_.ask.clear();
  findings_.silent.clear();
  findings_.lost.clear();
  usual_answer_ -= usual_answer_ / kForgetting;
  deviation_ -= deviation_ / kForgetting;
  const Duration half = options_.after / 2;
  if (nodes_.empty()) first_business_ = here;
  for (const RankId rank : business) {
    Node& node = known_node(rank);
    if (node.suspected || here - node.heard < half) continue;
    if (node.asked <= node.heard) {
      node.asked = here;
      findings_.ask.push_back(rank);
    } else if (here - node.asked >= patience()) {
      findings_.silent.push_back(rank);
    }
  }
  if (options_.lost_after > Duration::zero() && suspect_count_ > 0) find_lost(here);
  return findings_;
}

void Suspicion::find_lost(Instant here) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].suspected && here - nodes_[i].suspected_since >= options_.lost_after) {
      findings_.lost.push_back(RankId(static_cast<std::int32_t>(i)));
    }
  }
}

// Of a node that is new nothing was heard since there is business anywhere.
Suspicion::Node& Suspicion::known_node(RankId rank) {
  if (position(rank) >= nodes_.size()) {
    nodes_.resize(position(rank) + 1, {.heard = first_business_});
  }
  return nodes_[position(rank)];
}

void Suspicion::suspect(RankId node, Instant now) {
  Node& known = known_node(node);
  if (known.suspected) return;
  known.suspected = true;
  known.suspected_since = attended(now);
  ++suspect_count_;
}

}  // namespace weir
