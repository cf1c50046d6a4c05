#include "runtime/session/rank_places.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>

#include "runtime/base/bytes.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/session/start_check.hpp"
#include "topology/discover.hpp"

namespace weir {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

PlaceClue own_clue(const MpiContext& mpi) {
  return {.host = mpi.host_of(mpi.rank()),
          .name = host_name(),
          .node = variable("SLURMD_NODENAME"),
          .address = variable("SLURM_TOPOLOGY_ADDR"),
          .pattern = variable("SLURM_TOPOLOGY_ADDR_PATTERN")};
}

Bytes encode(const PlaceClue& clue) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.number(clue.host.value());
  for (const std::string& text : {clue.name, clue.node, clue.address, clue.pattern}) out.text(text);
  return bytes;
}

PlaceClue decode_clue(const Bytes& bytes) {
  ByteReader in(bytes);
  PlaceClue clue;
  clue.host = RankId(in.number<std::int32_t>());
  for (std::string* text : {&clue.name, &clue.node, &clue.address, &clue.pattern})
    *text = in.text();
  WEIR_CHECK(in.ok(), "a rank's place did not survive the gathering");
  return clue;
}

// Whether ranks of different hosts say the same there: then none of them can be trusted.
bool is_handed_on(std::span<const PlaceClue> ranks, std::string PlaceClue::*field) {
  std::map<std::string_view, RankId> host_of;
  for (const PlaceClue& rank : ranks) {
    if (host_of.try_emplace(rank.*field, rank.host).first->second != rank.host) return true;
  }
  return false;
}

// All of the address but the node. A node's name may have points of its own: the pattern tells how
// many parts stand before it.
std::optional<std::string_view> switches_of(const PlaceClue& rank) {
  const std::string_view address = rank.address;
  if (rank.pattern.empty()) {
    const auto last = address.rfind('.');
    return last == std::string_view::npos ? std::nullopt : std::optional(address.substr(0, last));
  }
  const auto count = std::ranges::count(rank.pattern, '.');
  std::size_t end = 0;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    end = address.find('.', i == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) return std::nullopt;
  }
  return end == 0 ? std::nullopt : std::optional(address.substr(0, end));
}

// On rank 0: what all are told. Either the switches, or the four texts of a refusal.
Bytes verdict(MpiContext& mpi, const std::vector<Bytes>& gathered, const std::string& file) {
  std::vector<PlaceClue> ranks;
  for (const Bytes& bytes : gathered) ranks.push_back(decode_clue(bytes));
  WEIR_CHECK(static_cast<int>(ranks.size()) == mpi.rank_count(), "not all ranks told their place");
  Bytes bytes;
  ByteWriter out(bytes);
  try {
    const auto switches =
        file.empty() ? switches_by_address(ranks)
                     : switches_in_file(ranks, SwitchFile::parse(read_switch_file(file), file));
    out.number(std::uint8_t{1});
    for (const int number : switches) out.number(std::int32_t{number});
  } catch (const Error& error) {
    out.number(std::uint8_t{0});
    write_refusal(out, error);
  }
  return bytes;
}

std::vector<int> obey(const Bytes& verdict) {
  ByteReader in(verdict);
  if (in.number<std::uint8_t>() == 0) throw read_refusal(in);
  std::vector<int> switches;
  while (in.remaining() > 0) switches.push_back(in.number<std::int32_t>());
  return switches;
}

}  // namespace

std::vector<int> switches_in_file(std::span<const PlaceClue> ranks, const SwitchFile& file) {
  const bool by_node = std::ranges::none_of(ranks, &std::string::empty, &PlaceClue::node) &&
                       !is_handed_on(ranks, &PlaceClue::node);
  std::vector<int> switches;
  for (const PlaceClue& rank : ranks) {
    const std::string& host = by_node ? rank.node : rank.name;
    const auto leaf = file.leaf_of(host);
    if (!leaf) {
      throw Error("a rank is at no switch",
                  "host " + host + " of rank " + std::to_string(switches.size()) +
                      ", and not among the " + std::to_string(file.hosts().size()) + " hosts of " +
                      file.name(),
                  "every host of the job in the file, as `hostname` or Slurm names it",
                  "adding it to a line SwitchName=... Nodes=" + host);
    }
    switches.push_back(*leaf);
  }
  return switches;
}

std::vector<int> switches_by_address(std::span<const PlaceClue> ranks) {
  if (is_handed_on(ranks, &PlaceClue::address)) return {};
  std::map<std::string_view, int> numbers;
  std::vector<int> switches;
  for (const PlaceClue& rank : ranks) {
    const auto above = switches_of(rank);
    if (!above) return {};
    switches.push_back(numbers.try_emplace(*above, static_cast<int>(numbers.size())).first->second);
  }
  return switches;
}

RankPlaces rank_places(MpiContext& mpi, const std::string& switch_file) {
  RankPlaces places{.rank_count = mpi.rank_count(), .host_of = {}, .switch_of = {}};
  for (int rank = 0; rank < mpi.rank_count(); ++rank) {
    places.host_of.push_back(mpi.host_of(RankId(rank)).value());
  }
  const auto clues = mpi.gather(encode(own_clue(mpi)));
  const bool decides = mpi.rank() == RankId(0);
  places.switch_of =
      obey(mpi.gather_to_all(decides ? verdict(mpi, clues, switch_file) : Bytes{}).front());
  return places;
}

RankPlaces places_on(const SwitchFile& file, int rank_count) {
  RankPlaces places{.rank_count = rank_count, .host_of = {}, .switch_of = {}};
  const auto hosts = static_cast<std::int64_t>(file.hosts().size());
  const std::int64_t used = std::min<std::int64_t>(hosts, rank_count);
  for (int rank = 0; rank < rank_count; ++rank) {
    const auto host = rank * used / rank_count;
    places.host_of.push_back(static_cast<int>(host));
    places.switch_of.push_back(*file.leaf_of(file.hosts()[static_cast<std::size_t>(host)]));
  }
  return places;
}

}  // namespace weir
