#include "runtime/session/host_share.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/check.hpp"
#include "topology/calibrate.hpp"
#include "topology/discover.hpp"
#include "topology/processor_grant.hpp"

namespace weir {
namespace {

// What a rank tells the others about its place.
struct Place {
  std::string allowed;  // cpuset as text
  std::uint32_t allowed_core_count = 0;
  std::uint32_t online_pu_count = 0;
  double core_events_per_s = 0;  // of the rank that calibrated this host; else zero
  std::string granted_node;      // as the batch system calls it; empty: it does not say
};

Bytes encode_place(const Place& place) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.text(place.allowed);
  out.number(place.allowed_core_count);
  out.number(place.online_pu_count);
  out.number(place.core_events_per_s);
  out.text(place.granted_node);
  return bytes;
}

Place decode_place(const Bytes& bytes) {
  ByteReader in(bytes);
  Place place;
  place.allowed = in.text();
  place.allowed_core_count = in.number<std::uint32_t>();
  place.online_pu_count = in.number<std::uint32_t>();
  place.core_events_per_s = in.number<double>();
  place.granted_node = in.text();
  WEIR_CHECK(in.ok(), "a rank's place did not survive the gathering");
  return place;
}

double calibrated_speed(const MpiContext& mpi, const std::vector<Place>& places) {
  double sum = 0;
  for (int i = 0; i < mpi.rank_count(); ++i) {
    sum += places[mpi.host_of(RankId(i)).value()].core_events_per_s;
  }
  const double own = places[mpi.host_of(mpi.rank()).value()].core_events_per_s;
  return sum > 0 ? own * mpi.rank_count() / sum : 1;
}

// Ranks on one node of the batch system divide what it granted there.
int granted_to(RankId rank, int processors, const std::vector<Place>& places) {
  int ranks = 0;
  int before = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].granted_node != places[rank.value()].granted_node) continue;
    before += static_cast<std::int32_t>(i) < rank.value() ? 1 : 0;
    ++ranks;
  }
  return part_of_grant(processors, ranks, before);
}

// Ranks of one host with the same allowed set, in order of rank.
std::map<std::pair<RankId, std::string>, std::vector<RankId>> groups_of(
    const MpiContext& mpi, const std::vector<Place>& places) {
  std::map<std::pair<RankId, std::string>, std::vector<RankId>> groups;
  for (int i = 0; i < mpi.rank_count(); ++i) {
    groups[{mpi.host_of(RankId(i)), places[i].allowed}].push_back(RankId(i));
  }
  return groups;
}

std::vector<std::string> warnings_of(const MpiContext& mpi, const std::vector<Place>& places,
                                     bool warn_if_oversubscribed) {
  std::vector<std::string> warnings;
  std::map<RankId, Cpuset> used;
  std::uint32_t crowded_ranks = 0;
  std::uint32_t crowded_cores = 0;
  for (const auto& [host_and_set, ranks] : groups_of(mpi, places)) {
    const Place& place = places[ranks.front().value()];
    // What a batch system binds to is what it granted.
    if (place.granted_node.empty()) {
      used[host_and_set.first] = used[host_and_set.first] | Cpuset::parse(place.allowed);
    }
    if (ranks.size() <= place.allowed_core_count) continue;
    crowded_ranks += static_cast<std::uint32_t>(ranks.size());
    crowded_cores += place.allowed_core_count;
  }
  if (crowded_ranks > 0 && warn_if_oversubscribed) {
    warnings.push_back(std::to_string(crowded_ranks) + " ranks share " +
                       std::to_string(crowded_cores) +
                       " cores: they take turns, and their response times include the waiting");
  }
  for (const auto& [host, cpuset] : used) {
    const auto online = places[host.value()].online_pu_count;
    if (static_cast<std::uint32_t>(cpuset.count()) >= online) continue;
    warnings.push_back("the ranks on the host of rank " + std::to_string(host.value()) +
                       " may use only processors " + cpuset.to_string() + " of " +
                       std::to_string(online) + " (mpirun --bind-to none gives them all)");
  }
  return warnings;
}

}  // namespace

HostShare find_host_share(MpiContext& mpi, const HostShareOptions& options) {
  HostShare result;
  result.machine = discover_machine();
  Place own;
  own.allowed = result.machine.allowed.to_string();
  own.allowed_core_count =
      static_cast<std::uint32_t>(divide(result.machine, 1).front().workers.size());
  own.online_pu_count = static_cast<std::uint32_t>(result.machine.online.count());
  if (options.calibrate && mpi.index_on_this_host() == 0) {
    own.core_events_per_s =
        calibrate(result.machine, {.cache_folder = default_cache_folder()}).core_events_per_s;
  }
  const auto grant = processor_grant();
  if (grant) own.granted_node = grant->node;
  std::vector<Place> places;
  for (const Bytes& bytes : mpi.gather_to_all(encode_place(own)))
    places.push_back(decode_place(bytes));

  const auto groups = groups_of(mpi, places);
  const auto& ranks = groups.at({mpi.host_of(mpi.rank()), own.allowed});
  const auto index = std::ranges::find(ranks, mpi.rank()) - ranks.begin();
  result.share = divide(result.machine, static_cast<int>(ranks.size()))[index];
  if (grant) result.granted_workers = granted_to(mpi.rank(), grant->processors, places);
  if (options.calibrate) result.speed = calibrated_speed(mpi, places);
  result.warnings = warnings_of(mpi, places, options.warn_if_oversubscribed);
  return result;
}

}  // namespace weir
