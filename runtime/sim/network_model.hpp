// When a message arrives. It leaves its rank when those before it have left, at the bandwidth of
// the rank's link; travels for a latency that depends on the distance; and enters the receiver at
// the bandwidth of that link, in the order in which messages reach it. Between clusters it also
// passes the link that its cluster shares with others' messages, and that of the receiver's
// cluster, where those are limited. Store and forward: a message that meets no other takes the
// latency plus its bytes over the bandwidth of each link.
//
// What reaches a link first goes first, and a message sent later can reach it earlier: from a
// nearer rank, or one whose own link is free. So a link keeps what is on its way to it, ordered by
// the time it gets there, and gives it out one by one. The model has no time of its own: it says
// when to look at which link again.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

// The link of a rank or of a cluster, in both directions: `factor` times as slow, in bytes per
// second and in the latency of what passes it. Above zero; the largest on a route counts.
struct SlowLink {
  enum class Of { kRank, kCluster };
  Of of = Of::kRank;
  int number = 0;
  double factor = 1;
};

struct NetworkOptions {
  Duration latency = std::chrono::microseconds(20);  // between hosts of one cluster
  std::optional<Duration> host_latency;              // between ranks of one host; none: the same
  std::optional<Duration> far_latency;               // between clusters; none: the same
  int ranks_per_host = 1;
  int ranks_per_cluster = 0;      // 0: all are in one cluster
  double bytes_per_s = 1.25e9;    // of each rank's link, in each direction; 0: without limit
  double uplink_bytes_per_s = 0;  // shared by a cluster, likewise
  std::vector<SlowLink> slow_links;
};

class NetworkModel {
 public:
  // look() is to be called at that time.
  struct LinkEvent {
    SimTime at{};
    std::uint32_t link = 0;
  };
  struct Outcome {
    std::optional<std::uint32_t> arrived;  // the letter that has reached its receiver
    std::optional<LinkEvent> goes_on;      // a message on its way to its next link
    std::optional<LinkEvent> again;        // the same link has more to give out
  };

  NetworkModel(const NetworkOptions& options, int rank_count);

  // Letter number `letter` leaves; `delay` is added to its latency. Messages of a pair of ranks
  // keep their order all the same. Calls of send() and look() do not go back in time.
  LinkEvent send(RankId from, RankId to, std::size_t bytes, std::uint32_t letter, Duration delay,
                 SimTime now);
  Outcome look(std::uint32_t link, SimTime now);

 private:
  struct Passage {
    RankId from;
    RankId to;
    std::size_t bytes = 0;
    std::uint32_t letter = 0;
    Duration latency{0};
    bool delayed = false;
    bool crosses = false;      // two uplinks, before it reaches the receiver's link
    SimTime reaches{};         // the link where it is listed
    std::uint64_t listed = 0;  // which listing of all this was
    Duration time_on_link{};   // there
  };
  struct Link {
    double ns_per_byte = 0;
    SimTime free{};
    // A heap, because a link may have tens of thousands on their way to it that left in another
    // order than they arrive in. First is what reaches it first, of equal ones what was listed
    // first.
    std::vector<Passage> coming;
  };

  std::uint32_t out_link(RankId rank) const { return static_cast<std::uint32_t>(rank.value()); }
  std::uint32_t in_link(RankId rank) const;
  std::uint32_t up_link(int cluster) const;
  std::uint32_t down_link(int cluster) const;
  int cluster_of(RankId rank) const { return cluster_of_[static_cast<std::size_t>(rank.value())]; }
  Duration latency_between(RankId from, RankId to) const;
  static bool is_behind(const Passage& a, const Passage& b);
  static Duration time_on(const Link& link, std::size_t bytes);
  SimTime end_of_travel(const Passage& passage, SimTime leaves);
  LinkEvent list(std::uint32_t link, Passage passage, SimTime reaches);

  NetworkOptions options_;
  int rank_count_;
  std::vector<int> cluster_of_;  // by rank
  std::vector<int> host_of_;
  std::vector<double> rank_factor_;
  std::vector<double> cluster_factor_;
  std::uint64_t listing_count_ = 0;
  std::vector<Link> links_;  // out of ranks, into ranks, up from clusters, down to clusters
  // Of pairs whose last message was delayed: when it gets there. Looked up, never walked through.
  std::unordered_map<std::uint64_t, SimTime> last_of_pair_;
};

}  // namespace weir
