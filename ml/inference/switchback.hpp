// Which of two deciders has the faster responses, when one works and the other could: they take
// turns. Time is cut into blocks; in one all placements are the network's, in the other the rule's,
// at all homes in the same way, as long as they see no harm. Giving each a part of the tasks at the
// same time would not do, since the tasks of the one queue behind those of the other.
//
// A block of the rule is compared with the blocks of the network beside it, so that what changes
// slowly changes both. The logarithms of the ratios are taken as independent, and harm is where a
// one-sided confidence bound of their mean is above zero.
//
// Blocks are short: for each one the difference is noisy, but there are many, and gross harm shows
// within seconds. What one block leaves behind for the next makes differences smaller, not wrong,
// and the begin of each is not counted.
//
// Source: I. Bojinov, D. Simchi-Levi and J. Zhao, "Design and analysis of switchback experiments",
// Management Science 69, 2023.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

class Switchback {
 public:
  static constexpr Duration kBlock = std::chrono::seconds(1);
  // At first and after restart() for this many blocks, every other one is the rule's; the very
  // first is the network's.
  static constexpr std::int64_t kDenseBlocks = 16;
  // Then one in so many, which costs at most an eighth of what the network gains.
  static constexpr std::int64_t kGroup = 8;

  bool is_rules_turn(Instant now) const;
  // Whether the rule has this block in addition: every other one while harm is likely, and all but
  // one in so many while it is very likely.
  bool is_doubted(Instant now) const;
  // The network is back after a while without it.
  void restart(Instant now) { dense_since_ = block_at(now); }

  // The network is another one: what responses were with the one before says nothing of it.
  void forget();

  // A task placed at `placed` has come back.
  void add(Instant placed, bool by_network, ClassId task_class, Duration response);

  // Whether the network's responses are slower for sure. True at most once for each comparison that
  // has become possible since the last call.
  bool finds_harm(Instant now);

 private:
  // Blocks that are remembered: for a quarter of an hour, in which harm of some per cent shows.
  // Those of the last two minutes are compared by themselves too, or a good past would hide new
  // harm.
  static constexpr std::int64_t kBlocks = 1024;
  static constexpr std::int64_t kNewBlocks = 128;
  struct Sum {
    double responses = 0;  // each over the mean of its class
    double count = 0;
  };
  struct Block {
    std::int64_t number = -1;
    Sum network;
    Sum rule;
  };
  struct Comparison {
    double mean = 0;       // of logarithms of ratios, network over rule
    double deviation = 0;  // of that mean
    int count = 0;
    std::int64_t last = -1;  // the latest block in it
  };

  enum class Suspicion : std::uint8_t { kNone, kSome, kStrong };

  static std::int64_t block_at(Instant now) { return now.time_since_epoch() / kBlock; }
  static std::int64_t place_in_group(std::int64_t block);
  static Suspicion suspicion_of(const Comparison& found);
  static bool shows_harm(const Comparison& found);
  const Block* find(std::int64_t number) const;
  Comparison compare(std::int64_t first, std::int64_t end) const;

  std::vector<Block> blocks_;               // none before the first task has come back
  std::array<Sum, kMaxClasses> classes_{};  // responses in seconds
  std::int64_t dense_since_ = 0;
  Suspicion suspicion_ = Suspicion::kNone;
  std::int64_t looked_at_ = -1;    // the block at which it was last tried
  std::int64_t compared_to_ = -1;  // Comparison::last of the last one
};

}  // namespace weir
