#include "runtime/policy/policy_registry.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"
#include "runtime/policy/join_fastest_idle_local_policy.hpp"
#include "runtime/policy/join_fastest_idle_policy.hpp"
#include "runtime/policy/join_idle_queue_policy.hpp"
#include "runtime/policy/join_shortest_queue_policy.hpp"
#include "runtime/policy/late_binding_policy.hpp"
#include "runtime/policy/least_outstanding_policy.hpp"
#include "runtime/policy/power_of_two_policy.hpp"
#include "runtime/policy/prequal_policy.hpp"
#include "runtime/policy/random_policy.hpp"
#include "runtime/policy/round_robin_policy.hpp"
#include "runtime/policy/shortest_expected_delay_policy.hpp"
#include "runtime/policy/static_policy.hpp"
#include "runtime/policy/weighted_least_connections_policy.hpp"
#include "runtime/policy/weighted_round_robin_policy.hpp"
#include "runtime/policy/work_stealing_policy.hpp"

namespace weir {
namespace {

constexpr std::string_view kStealingSuffix = "+work_stealing";

using MakePolicy = std::unique_ptr<Policy> (*)(const PolicyOptions&);

struct Entry {
  PolicyInfo info;
  MakePolicy make;
};

Random random_of_home(const PolicyOptions& options) {
  return Random(options.seed, static_cast<std::uint64_t>(options.home.value()));
}

bool some_node_is_too_small_for_own_counts(const PolicyOptions& options) {
  return options.min_node_cores < 2 * options.dispatcher_count;
}

template <typename PolicyType>
std::unique_ptr<Policy> make_plain(const PolicyOptions&) {
  return std::make_unique<PolicyType>();
}

template <typename PolicyType>
std::unique_ptr<Policy> make_with_home(const PolicyOptions& options) {
  return std::make_unique<PolicyType>(options.home);
}

template <typename PolicyType, NodeWeight weight>
std::unique_ptr<Policy> make_sampling(const PolicyOptions& options) {
  return std::make_unique<PolicyType>(weight, random_of_home(options));
}

template <bool class_aware>
std::unique_ptr<Policy> make_weighted_least_connections(const PolicyOptions&) {
  return std::make_unique<WeightedLeastConnectionsPolicy>(
      WeightedLeastConnectionsOptions{.class_aware = class_aware});
}

std::unique_ptr<Policy> make_join_idle_queue(const PolicyOptions& options) {
  return std::make_unique<JoinIdleQueuePolicy>(random_of_home(options));
}

template <bool class_aware>
std::unique_ptr<Policy> make_join_fastest_idle(const PolicyOptions&) {
  return std::make_unique<JoinFastestIdlePolicy>(
      JoinFastestIdleOptions{.class_aware = class_aware});
}

template <bool class_aware>
std::unique_ptr<Policy> make_join_fastest_idle_local(const PolicyOptions& options) {
  return std::make_unique<JoinFastestIdleLocalPolicy>(JoinFastestIdleLocalOptions{
      .class_aware = class_aware, .wants_tokens = some_node_is_too_small_for_own_counts(options)});
}

std::unique_ptr<Policy> make_prequal(const PolicyOptions& options) {
  return std::make_unique<PrequalPolicy>(PrequalOptions{}, random_of_home(options));
}

template <LateBindingOptions::Weight weight>
std::unique_ptr<Policy> make_late_binding(const PolicyOptions& options) {
  return std::make_unique<LateBindingPolicy>(LateBindingOptions{.weight = weight},
                                             random_of_home(options));
}

constexpr auto kEntries = std::to_array<Entry>({
    {{"static", "fixed contiguous share per node, by nominal capacity"}, make_plain<StaticPolicy>},
    {{"round_robin", "the next node"}, make_with_home<RoundRobinPolicy>},
    {{"weighted_round_robin", "the next node, smoothly, by nominal capacity"},
     make_with_home<WeightedRoundRobinPolicy>},
    {{"random", "any node"}, make_sampling<RandomPolicy, NodeWeight::kUniform>},
    {{"weighted_random", "any node, by nominal capacity"},
     make_sampling<RandomPolicy, NodeWeight::kCapacity>},
    {{"power_of_two", "two random nodes, the one with fewer tasks"},
     make_sampling<PowerOfTwoPolicy, NodeWeight::kUniform>},
    {{"weighted_power_of_two", "two nodes by nominal capacity, the less loaded one"},
     make_sampling<PowerOfTwoPolicy, NodeWeight::kCapacity>},
    {{"join_shortest_queue", "the node with the fewest tasks"},
     make_plain<JoinShortestQueuePolicy>},
    {{"weighted_least_connections", "fewest tasks for its nominal capacity"},
     make_weighted_least_connections<false>},
    {{"weighted_least_connections_class_aware", "fewest tasks for its measured rate of the class"},
     make_weighted_least_connections<true>},
    {{"least_outstanding", "fewest own tasks for its capacity; ignores reports"},
     make_plain<LeastOutstandingPolicy>},
    {{"join_idle_queue", "a node that said it is idle, else a random one"}, make_join_idle_queue},
    {{"join_fastest_idle", "the fastest node with a free core, by reports"},
     make_join_fastest_idle<false>},
    {{"join_fastest_idle_class_aware", "the fastest for the task's class with a free core"},
     make_join_fastest_idle<true>},
    {{"join_fastest_idle_local", "the fastest node with a free core, by own counts"},
     make_join_fastest_idle_local<false>},
    {{"join_fastest_idle_local_class_aware", "the same with measured rates of the task's class"},
     make_join_fastest_idle_local<true>},
    {{"shortest_expected_delay", "least expected wait plus service, by measured class rates"},
     make_plain<ShortestExpectedDelayPolicy>},
    {{"prequal", "by probes: least latency where not too much is in flight"}, make_prequal},
    {{"late_binding", "where a core frees first, of two nodes drawn by capacity"},
     make_late_binding<LateBindingOptions::Weight::kCapacity>},
    {{"late_binding_class_aware", "the same, drawn by measured rates of the task's class"},
     make_late_binding<LateBindingOptions::Weight::kClassRate>},
    {{"work_stealing", "at home; idle nodes steal (also after any other: NAME+work_stealing)"},
     make_plain<WorkStealingPolicy>},
});

// Letters to insert, delete or replace (V. Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// "sed" for shortest_expected_delay.
std::string initials_of(std::string_view name) {
  std::string initials;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i == 0 || name[i - 1] == '_') initials += name[i];
  }
  return initials;
}

// Lower case, with underscores for blanks and hyphens.
std::string as_snake_case(std::string_view text) {
  std::string snake(text);
  for (char& c : snake) {
    if (c == '-' || c == ' ') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return snake;
}

bool comes_close(std::string_view wanted, std::string_view name) {
  constexpr std::size_t kMinPartLength = 4;  // Shorter parts occur in too many names.
  if (wanted == initials_of(name)) return true;
  if (wanted.size() >= kMinPartLength && name.find(wanted) != name.npos) return true;
  return edit_distance(wanted, name) <= std::min<std::size_t>(3, name.size() / 3);
}

void append_name(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

[[noreturn]] void refuse_name(std::string_view name, std::string_view placing) {
  const std::string wanted = as_snake_case(placing);
  std::string all, close;
  for (const Entry& entry : kEntries) {
    append_name(all, entry.info.name);
    if (comes_close(wanted, entry.info.name)) append_name(close, entry.info.name);
  }
  throw Error("unknown policy '" + std::string(name) + "'", "'" + std::string(placing) + "'",
              "the name of a policy, or NAME" + std::string(kStealingSuffix),
              close.empty() ? "one of: " + all : close + " (all: " + all + ")");
}

}  // namespace

std::vector<PolicyInfo> policy_catalogue() {
  std::vector<PolicyInfo> infos;
  infos.reserve(std::size(kEntries));
  for (const Entry& entry : kEntries) infos.push_back(entry.info);
  return infos;
}

std::unique_ptr<Policy> make_policy(std::string_view name, const PolicyOptions& options) {
  WEIR_CHECK(options.dispatcher_count >= 1, "no home places tasks");
  WEIR_CHECK(options.home.value() >= 0, "a policy needs a home");

  const bool steals_besides = name.ends_with(kStealingSuffix);
  const std::string_view placing =
      steals_besides ? name.substr(0, name.size() - kStealingSuffix.size()) : name;
  const auto entry =
      std::ranges::find(kEntries, placing, [](const Entry& e) { return e.info.name; });
  if (entry == kEntries.end()) refuse_name(name, placing);

  std::unique_ptr<Policy> policy = entry->make(options);
  if (!steals_besides) return policy;
  return std::make_unique<PolicyWithWorkStealing>(std::move(policy));
}

}  // namespace weir
