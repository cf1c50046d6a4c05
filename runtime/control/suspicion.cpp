#include "runtime/control/suspicion.hpp"

#include <algorithm>

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
  if (position(node) >= nodes_.size()) return false;
  Node& known = nodes_[position(node)];
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

const Suspicion::Findings& Suspicion::look(int node_count,
                                           const std::function<bool(RankId)>& has_business,
                                           Instant now) {
  const Instant here = attended(now);
  next_look_ = here + options_.after / kLooksPerBound;
  if (nodes_.empty()) nodes_.resize(static_cast<std::size_t>(node_count), {.heard = here});
  findings_.ask.clear();
  findings_.silent.clear();
  usual_answer_ -= usual_answer_ / kForgetting;
  deviation_ -= deviation_ / kForgetting;
  const Duration half = options_.after / 2;
  for (int rank = 0; rank < node_count; ++rank) {
    Node& node = nodes_[static_cast<std::size_t>(rank)];
    if (node.suspected || here - node.heard < half || !has_business(RankId(rank))) continue;
    if (node.asked <= node.heard) {
      node.asked = here;
      findings_.ask.push_back(RankId(rank));
    } else if (here - node.asked >= patience()) {
      findings_.silent.push_back(RankId(rank));
    }
  }
  return findings_;
}

void Suspicion::suspect(RankId node) {
  Node& known = nodes_[position(node)];
  if (known.suspected) return;
  known.suspected = true;
  ++suspect_count_;
}

}  // namespace weir
