#include "runtime/control/invariants.hpp"

namespace weir {
namespace {

// "rule: 5, needed 6".
std::string differ(const std::string& rule, std::uint64_t found, std::uint64_t needed) {
  return rule + ": " + std::to_string(found) + ", needed " + std::to_string(needed);
}

std::string broken_rule(const AgentState::OfNode& node, std::uint32_t most_credit) {
  for (std::size_t i = 0; i < node.in_table.size(); ++i) {
    if (node.in_table[i] != node.counted[i]) {
      return differ("tasks of class " + std::to_string(i) + " that are counted there",
                    node.counted[i], node.in_table[i]);
    }
  }
  if (node.credit > most_credit) {
    return differ("credit above its limit", node.credit, most_credit);
  }
  if (node.suspected && node.has_capacity) return "a suspected node has capacity";
  return {};
}

}  // namespace

std::string broken_rule(const AgentState& s) {
  if (s.submitted != s.completed + s.in_table) {
    return differ("tasks submitted are not those completed and those under way", s.submitted,
                  s.completed + s.in_table);
  }
  // Each attempt that has ended completed its task, gave it another attempt, or came too late.
  if (s.ends_heard + s.never_ran != s.completed + s.retried + s.stale_ends) {
    return differ("ends of attempts that had no effect", s.ends_heard + s.never_ran,
                  s.completed + s.retried + s.stale_ends);
  }
  // Every attempt ends once; whose end does not count was given up for another one before.
  if (s.stale_ends > s.reissued) {
    return differ("an attempt ended twice: more ends count no longer than attempts were given up",
                  s.stale_ends, s.reissued);
  }
  if (s.in_table > s.most_in_table) {
    return differ("more tasks under way than this home may have", s.in_table, s.most_in_table);
  }
  if (s.nowhere_in_table != s.unbound) {
    return differ("tasks without an owner", s.nowhere_in_table, s.unbound);
  }
  for (std::size_t rank = 0; rank < s.nodes.size(); ++rank) {
    const std::string broken = broken_rule(s.nodes[rank], s.most_credit);
    if (!broken.empty()) return "node " + std::to_string(rank) + ": " + broken;
  }
  if (s.queued > s.most_queued) {
    return differ("more tasks queued than credit allows", s.queued, s.most_queued);
  }
  return {};
}

std::string broken_rule(std::span<const RankTotals> ranks) {
  RankTotals all;
  for (const RankTotals& rank : ranks) {
    all.submitted += rank.submitted;
    all.completed += rank.completed;
    all.reissued += rank.reissued;
    all.ends_heard += rank.ends_heard;
    all.attempts_ended += rank.attempts_ended;
    all.moved_in += rank.moved_in;
    all.moved_out += rank.moved_out;
    all.offered += rank.offered;
  }
  if (all.submitted != all.completed) {
    return differ("tasks completed by all ranks", all.completed, all.submitted);
  }
  if (all.moved_in < all.moved_out || all.moved_in > all.moved_out + all.offered) {
    return differ("tasks that were handed over and did not arrive", all.moved_in, all.moved_out);
  }
  // Late ends of attempts that count no longer may still be under way.
  if (all.ends_heard > all.attempts_ended || all.ends_heard + all.reissued < all.attempts_ended) {
    return differ("ends of attempts that homes heard of", all.ends_heard, all.attempts_ended);
  }
  return {};
}

}  // namespace weir
