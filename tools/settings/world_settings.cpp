#include "tools/settings/world_settings.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "tools/settings/setting_values.hpp"

namespace weir {
namespace {

constexpr int kMostRanks = 1 << 20;
constexpr double kMostSlowness = 1e6;
constexpr double kMostBytesPerS = 1e15;

std::vector<std::string> entries_of(const std::string& value) {
  std::vector<std::string> entries(1);
  for (const char c : value) {
    if (c == ',') {
      entries.emplace_back();
    } else {
      entries.back() += c;
    }
  }
  return entries;
}

template <typename Number>
bool read_all(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// N or N-M.
bool read_ranks(std::string_view text, int& first, int& last) {
  const auto dash = text.find('-');
  if (!read_all(text.substr(0, dash), first)) return false;
  last = first;
  if (dash != std::string_view::npos && !read_all(text.substr(dash + 1), last)) return false;
  return first >= 0 && first <= last && last < kMostRanks;
}

enum class Span { kNeeded, kPossible, kNone };

// RANKS@TIME or RANKS@TIME+TIME; appended to `periods`.
void read_periods(const std::string& name, const std::string& value, const std::string& example,
                  Span span, std::vector<NodePeriod>& periods) {
  for (const std::string& entry : entries_of(value)) {
    const auto at = entry.find('@');
    const auto plus = entry.find('+');
    int first = 0;
    int last = 0;
    const bool has_span = plus != std::string::npos;
    if (at == std::string::npos || (has_span && plus < at) ||
        !read_ranks(std::string_view(entry).substr(0, at), first, last) ||
        (span == Span::kNeeded && !has_span) || (span == Span::kNone && has_span)) {
      const char* const form = span == Span::kNeeded     ? "RANKS@TIME+TIME"
                               : span == Span::kPossible ? "RANKS@TIME or RANKS@TIME+TIME"
                                                         : "RANKS@TIME";
      refuse_setting(name, value,
                     std::string("entries ") + form + " with one rank or a range, as 3 or 3-5",
                     example);
    }
    const SimTime from(read_time(name, entry.substr(at + 1, plus - at - 1), example));
    SimTime until = kEndOfTime;
    if (has_span) until = from + read_time(name, entry.substr(plus + 1), example);
    if (until <= from) refuse_setting(name, value, "a time above zero after '+'", example);
    for (int rank = first; rank <= last; ++rank) periods.push_back({RankId(rank), from, until});
  }
}

void read_slow_links(const std::string& value, std::vector<SlowLink>& links) {
  constexpr std::string_view kCluster = "cluster";
  for (const std::string& entry : entries_of(value)) {
    SlowLink link;
    std::string_view text = entry;
    if (text.starts_with(kCluster)) {
      link.of = SlowLink::Of::kCluster;
      text.remove_prefix(kCluster.size());
    }
    const auto times = text.find('x');
    if (times == std::string_view::npos || !read_all(text.substr(0, times), link.number) ||
        !read_all(text.substr(times + 1), link.factor) || link.number < 0 ||
        !(link.factor >= 1 && link.factor <= kMostSlowness)) {
      refuse_setting("slow-link", value,
                     "entries RANKxFACTOR or clusterNUMBERxFACTOR with a factor from 1 to 1000000",
                     "3x10,cluster2x4");
    }
    const auto is_same = [&](const SlowLink& other) {
      return other.of == link.of && other.number == link.number;
    };
    if (std::ranges::any_of(links, is_same)) {
      refuse_setting("slow-link", value, "every link once", "3x10");
    }
    links.push_back(link);
  }
}

double read_bandwidth(const std::string& name, const std::string& value) {
  return read_quantity(name, value, {{"", 1}, {"MB/s", 1e6}, {"GB/s", 1e9}}, kMostBytesPerS,
                       "1.25GB/s");
}

struct Setting {
  std::string name;
  std::function<void(WorldSettings&, const std::string&)> read;
  std::string help;
};

std::vector<Setting> network_settings() {
  return {{"latency",
           [](WorldSettings& world, const std::string& value) {
             world.network.latency = read_time("latency", value, "20us");
           },
           "one way, between hosts of a cluster (default 20us)"},
          {"latency-host",
           [](WorldSettings& world, const std::string& value) {
             world.network.host_latency = read_time("latency-host", value, "1us");
           },
           "between ranks of one host (default: as latency)"},
          {"latency-far",
           [](WorldSettings& world, const std::string& value) {
             world.network.far_latency = read_time("latency-far", value, "100us");
           },
           "between clusters (default: as latency)"},
          {"ranks-per-host",
           [](WorldSettings& world, const std::string& value) {
             int& ranks = world.network.ranks_per_host;
             if (!read_all(std::string_view(value), ranks) || ranks < 1 || ranks > kMostRanks) {
               refuse_setting("ranks-per-host", value,
                              "a whole number from 1 to " + std::to_string(kMostRanks), "2");
             }
           },
           "consecutive ranks that share a host (default 1)"},
          {"bandwidth",
           [](WorldSettings& world, const std::string& value) {
             world.network.bytes_per_s = read_bandwidth("bandwidth", value);
           },
           "of each rank's link and direction (default 1.25GB/s; 0: no limit)"},
          {"uplink",
           [](WorldSettings& world, const std::string& value) {
             world.network.uplink_bytes_per_s = read_bandwidth("uplink", value);
           },
           "shared by a cluster, to and from the others (default 0: no limit)"},
          {"slow-link",
           [](WorldSettings& world, const std::string& value) {
             read_slow_links(value, world.network.slow_links);
           },
           "3x10,cluster2x4: links that are so many times slower"}};
}

std::vector<Setting> fault_settings() {
  return {{"delayed-messages",
           [](WorldSettings& world, const std::string& value) {
             world.faults.delayed_share = read_share("delayed-messages", value, "0.01");
           },
           "share that travels longer (default 0)"},
          {"mean-delay",
           [](WorldSettings& world, const std::string& value) {
             world.faults.mean_delay = read_time("mean-delay", value, "50ms");
           },
           "by how much, exponential (default 50ms)"},
          {"lost-reports",
           [](WorldSettings& world, const std::string& value) {
             world.faults.lost_report_share = read_share("lost-reports", value, "0.1");
           },
           "share of reports and views that never arrive (default 0)"},
          {"duplicated-reports",
           [](WorldSettings& world, const std::string& value) {
             world.faults.duplicated_report_share = read_share("duplicated-reports", value, "0.1");
           },
           "share of them that arrive twice (default 0)"},
          {"stop",
           [](WorldSettings& world, const std::string& value) {
             read_periods("stop", value, "3@20s+2s", Span::kNeeded, world.faults.stops);
           },
           "3@20s+2s: rank 3 does nothing from 20 s on, for 2 s"},
          {"death",
           [](WorldSettings& world, const std::string& value) {
             read_periods("death", value, "3@20s", Span::kNone, world.faults.deaths);
           },
           "3@20s: rank 3 is gone from 20 s on"},
          {"drain-limit",
           [](WorldSettings& world, const std::string& value) {
             world.faults.drain_limit = read_time("drain-limit", value, "30s");
           },
           "where a rank dies: the run ends so long after the last arrival (default 30s)"}};
}

std::vector<Setting> parking_settings() {
  return {{"park",
           [](WorldSettings& world, const std::string& value) {
             read_periods("park", value, "40-49@0s+60s", Span::kPossible, world.parking.parked);
           },
           "40-49@0s+60s: these ranks are parked at 0 s and called back 60 s later"},
          {"node-warm-up",
           [](WorldSettings& world, const std::string& value) {
             world.parking.warm_up = read_time("node-warm-up", value, "5s");
           },
           "what a parked node takes to come back (default 5s)"}};
}

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> settings = network_settings();
    for (const auto& more : {fault_settings(), parking_settings()}) {
      settings.insert(settings.end(), more.begin(), more.end());
    }
    return settings;
  }();
  return all;
}

void check_ranks(const std::string& name, const std::vector<NodePeriod>& periods, int ranks) {
  for (const NodePeriod& period : periods) {
    if (period.rank.value() < ranks) continue;
    throw Error("the setting " + name + " names a rank that does not exist",
                "rank " + std::to_string(period.rank.value()), "0 to " + std::to_string(ranks - 1),
                name + " with one of those");
  }
}

// `gap`: how long after the end of one the next may begin.
void check_apart(const std::string& name, std::vector<NodePeriod> periods, Duration gap) {
  std::ranges::sort(periods, [](const NodePeriod& a, const NodePeriod& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.from < b.from;
  });
  const auto overlap = [gap](const NodePeriod& a, const NodePeriod& b) {
    return a.rank == b.rank && (a.until == kEndOfTime || a.until + gap > b.from);
  };
  const auto found = std::ranges::adjacent_find(periods, overlap);
  if (found == periods.end()) return;
  throw Error("two periods of the setting " + name + " overlap",
              "rank " + std::to_string(found->rank.value()) + " twice at " +
                  std::to_string(seconds_since_start(std::next(found)->from)) + " s",
              gap > Duration::zero() ? "the next one after the node is warm again"
                                     : "the next one after the end of the one before",
              name + " with later times");
}

void check_somebody_stays(const WorldSettings& world, int ranks,
                          std::span<const int> working_ranks) {
  std::vector<bool> stays(static_cast<std::size_t>(ranks));
  for (const int rank : working_ranks) stays[static_cast<std::size_t>(rank)] = true;
  for (const auto* periods : {&world.parking.parked, &world.faults.deaths}) {
    for (const NodePeriod& period : *periods) {
      stays[static_cast<std::size_t>(period.rank.value())] = false;
    }
  }
  if (std::ranges::find(stays, true) != stays.end()) return;
  throw Error("no node is there all the time", "all ranks that run tasks are parked or die",
              "at least one that neither is parked nor dies: tasks must go somewhere",
              "fewer ranks in park and death");
}

}  // namespace

bool read_world_setting(WorldSettings& world, const std::string& name, const std::string& value) {
  const auto setting = std::ranges::find(all_settings(), name, &Setting::name);
  if (setting == all_settings().end()) return false;
  setting->read(world, value);
  return true;
}

void check_world(const WorldSettings& world, const EmulationSpec& nodes,
                 std::span<const int> working_ranks) {
  const int ranks = nodes.node_count();
  check_ranks("stop", world.faults.stops, ranks);
  check_ranks("death", world.faults.deaths, ranks);
  check_ranks("park", world.parking.parked, ranks);
  check_apart("stop", world.faults.stops, Duration::zero());
  check_apart("death", world.faults.deaths, Duration::zero());
  check_apart("park", world.parking.parked, world.parking.warm_up);
  check_somebody_stays(world, ranks, working_ranks);
  for (const SlowLink& slow : world.network.slow_links) {
    const bool is_rank = slow.of == SlowLink::Of::kRank;
    const int count = is_rank ? ranks : nodes.cluster_count;
    if (slow.number < count) continue;
    throw Error("the setting slow-link names a link that does not exist",
                (is_rank ? "rank " : "cluster ") + std::to_string(slow.number),
                "0 to " + std::to_string(count - 1), "slow-link=0x10");
  }
}

std::string world_settings_help() {
  std::string text;
  for (const Setting& setting : all_settings()) {
    text += "  " + setting.name + std::string(20 - setting.name.size(), ' ') + setting.help + '\n';
  }
  return text;
}

}  // namespace weir
