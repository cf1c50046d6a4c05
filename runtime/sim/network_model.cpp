#include "runtime/sim/network_model.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// What `factor` times a duration is, to the nanosecond.
Duration stretched(Duration d, double factor) {
  return factor == 1
             ? d
             : Duration(static_cast<Duration::rep>(static_cast<double>(d.count()) * factor));
}

double ns_per_byte(double bytes_per_s, double factor) {
  return bytes_per_s == 0 ? 0 : 1e9 * factor / bytes_per_s;
}

}  // namespace

NetworkModel::NetworkModel(const NetworkOptions& options, int rank_count)
    : options_(options), rank_count_(rank_count) {
  WEIR_CHECK(rank_count > 0, "a network of no ranks");
  WEIR_CHECK(options.latency >= Duration::zero() && options.bytes_per_s >= 0 &&
                 options.uplink_bytes_per_s >= 0 && options.ranks_per_host > 0,
             "a network that is faster than no time");
  const int ranks_per_cluster =
      options.ranks_per_cluster > 0 ? options.ranks_per_cluster : rank_count;
  for (int rank = 0; rank < rank_count; ++rank) {
    cluster_of_.push_back(rank / ranks_per_cluster);
    host_of_.push_back(rank / options.ranks_per_host);
  }
  const int clusters = cluster_of_.back() + 1;
  rank_factor_.resize(static_cast<std::size_t>(rank_count), 1);
  cluster_factor_.resize(static_cast<std::size_t>(clusters), 1);
  for (const SlowLink& slow : options.slow_links) {
    auto& factors = slow.of == SlowLink::Of::kRank ? rank_factor_ : cluster_factor_;
    WEIR_CHECK(slow.number >= 0 && static_cast<std::size_t>(slow.number) < factors.size() &&
                   slow.factor > 0,
               "a slow link that does not exist");
    factors[static_cast<std::size_t>(slow.number)] = slow.factor;
  }
  for (int direction = 0; direction < 2; ++direction) {
    for (const double factor : rank_factor_) {
      links_.push_back({ns_per_byte(options.bytes_per_s, factor), {}, {}});
    }
  }
  for (int direction = 0; direction < 2; ++direction) {
    for (const double factor : cluster_factor_) {
      links_.push_back({ns_per_byte(options.uplink_bytes_per_s, factor), {}, {}});
    }
  }
}

std::uint32_t NetworkModel::in_link(RankId rank) const {
  return static_cast<std::uint32_t>(rank_count_ + rank.value());
}

std::uint32_t NetworkModel::up_link(int cluster) const {
  return static_cast<std::uint32_t>(2 * rank_count_ + cluster);
}

std::uint32_t NetworkModel::down_link(int cluster) const {
  return up_link(cluster) + static_cast<std::uint32_t>(cluster_factor_.size());
}

Duration NetworkModel::latency_between(RankId from, RankId to) const {
  const auto sender = static_cast<std::size_t>(from.value());
  const auto receiver = static_cast<std::size_t>(to.value());
  const double factor = std::max(rank_factor_[sender], rank_factor_[receiver]);
  const auto near = static_cast<std::size_t>(cluster_of_[sender]);
  const auto far = static_cast<std::size_t>(cluster_of_[receiver]);
  if (near != far) {
    return stretched(options_.far_latency.value_or(options_.latency),
                     std::max({factor, cluster_factor_[near], cluster_factor_[far]}));
  }
  const bool one_host = host_of_[sender] == host_of_[receiver];
  return stretched(one_host ? options_.host_latency.value_or(options_.latency) : options_.latency,
                   factor);
}

bool NetworkModel::is_behind(const Passage& a, const Passage& b) {
  return a.reaches != b.reaches ? a.reaches > b.reaches : a.listed > b.listed;
}

Duration NetworkModel::time_on(const Link& link, std::size_t bytes) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(bytes) * link.ns_per_byte));
}

NetworkModel::LinkEvent NetworkModel::send(RankId from, RankId to, std::size_t bytes,
                                           std::uint32_t letter, Duration delay, SimTime now) {
  Passage passage{.from = from,
                  .to = to,
                  .bytes = bytes,
                  .letter = letter,
                  .latency = latency_between(from, to) + delay,
                  .delayed = delay > Duration::zero()};
  const int cluster = cluster_of(from);
  passage.crosses = options_.uplink_bytes_per_s > 0 && cluster != cluster_of(to);
  // Messages reach this link in the order in which they are sent.
  Link& out = links_[out_link(from)];
  out.free = std::max(out.free, now) + time_on(out, bytes);
  if (passage.crosses) return list(up_link(cluster), passage, out.free);
  return list(in_link(to), passage, end_of_travel(passage, out.free));
}

// A message that was delayed holds up those of its pair that follow.
SimTime NetworkModel::end_of_travel(const Passage& passage, SimTime leaves) {
  const SimTime alone = leaves + passage.latency;
  if (!passage.delayed && last_of_pair_.empty()) return alone;
  const auto pair = (static_cast<std::uint64_t>(passage.from.value()) << 32) |
                    static_cast<std::uint32_t>(passage.to.value());
  const auto last = last_of_pair_.find(pair);
  const SimTime reaches = last == last_of_pair_.end() ? alone : std::max(alone, last->second);
  if (passage.delayed) {
    last_of_pair_[pair] = reaches;
  } else if (last != last_of_pair_.end() && last->second <= alone) {
    last_of_pair_.erase(last);
  }
  return reaches;
}

// Until something else is in its way, it is through when its bytes are.
NetworkModel::LinkEvent NetworkModel::list(std::uint32_t link, Passage passage, SimTime reaches) {
  Link& its_link = links_[link];
  passage.reaches = reaches;
  passage.listed = listing_count_++;
  passage.time_on_link = time_on(its_link, passage.bytes);
  const LinkEvent event{reaches + passage.time_on_link, link};
  its_link.coming.push_back(passage);
  std::ranges::push_heap(its_link.coming, is_behind);
  return event;
}

// Every message has one event at the time at which it would be through alone, and another one if
// it has to wait, from the moment on at which that time is known: when it becomes the first. An
// event takes the first one off if that is through; so there are enough, and those left over find
// nothing to do.
NetworkModel::Outcome NetworkModel::look(std::uint32_t link, SimTime now) {
  Link& its_link = links_[link];
  Outcome outcome;
  if (its_link.coming.empty()) return outcome;
  const Passage passage = its_link.coming.front();
  const SimTime through = std::max(its_link.free, passage.reaches) + passage.time_on_link;
  if (through > now) return outcome;
  std::ranges::pop_heap(its_link.coming, is_behind);
  its_link.coming.pop_back();
  its_link.free = through;

  if (!its_link.coming.empty()) {
    const Passage& next = its_link.coming.front();
    if (next.reaches < through) outcome.again = LinkEvent{through + next.time_on_link, link};
  }
  if (link == in_link(passage.to)) {
    outcome.arrived = passage.letter;
  } else if (link == up_link(cluster_of(passage.from))) {
    outcome.goes_on =
        list(down_link(cluster_of(passage.to)), passage, end_of_travel(passage, through));
  } else {
    outcome.goes_on = list(in_link(passage.to), passage, through);
  }
  return outcome;
}

}  // namespace weir
