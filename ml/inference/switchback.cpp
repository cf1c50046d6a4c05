#include "ml/inference/switchback.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Of a block, what is not counted: there the queues are still those of the block before.
constexpr Duration kBegin = Switchback::kBlock / 4;
// A block counts when as many of its tasks are back.
constexpr double kFewestTasks = 10;
// Blocks count when the next one is over too: until then the long tasks are missing.
constexpr std::int64_t kLate = 1;
constexpr int kFewestComparisons = 4;
// Standard errors. A network as good as the rule has so much against it every third and every
// fifteenth time, and loses nothing by it.
constexpr double kLikely = 0.5;
constexpr double kVeryLikely = 1.5;
// One of many times the mean would else decide alone.
constexpr double kMostResponse = 20;
constexpr double kClassMemory = 1000;  // tasks

// The .999 quantile of Student's t for so many degrees of freedom, at least 3: Cornish and Fisher's
// expansion (M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 26.7.5), 9 % low at 3
// and exact to 1 % from 6 on.
double sure_bound(double freedom) {
  constexpr double kNormal = 3.0902;
  return kNormal + 8.150 / freedom + 19.69 / (freedom * freedom) +
         36.1 / (freedom * freedom * freedom);
}

}  // namespace

// Where in a group who has a turn is drawn, or loads with a period could hide in the turns.
std::int64_t Switchback::place_in_group(std::int64_t block) {
  const std::uint64_t drawn = mix_bits(static_cast<std::uint64_t>(block / kGroup));
  return (block + static_cast<std::int64_t>(drawn % std::uint64_t{kGroup})) % kGroup;
}

bool Switchback::is_rules_turn(Instant now) const {
  const std::int64_t block = block_at(now);
  if (block == dense_since_) return false;
  const std::int64_t place = place_in_group(block);
  return block < dense_since_ + kDenseBlocks ? place % 2 == 0 : place == 0;
}

bool Switchback::is_doubted(Instant now) const {
  const std::int64_t block = block_at(now);
  const std::int64_t place = place_in_group(block);
  if (block < dense_since_ + kDenseBlocks || suspicion_ == Suspicion::kNone) return false;
  return suspicion_ == Suspicion::kSome ? place % 2 == 0 : place != 1;
}

void Switchback::add(Instant placed, bool by_network, ClassId task_class, Duration response) {
  if (response <= Duration::zero()) return;
  Sum& of_class = classes_[task_class.value()];
  of_class.count = std::min(of_class.count + 1, kClassMemory);
  of_class.responses += (to_seconds(response) - of_class.responses) / of_class.count;

  const std::int64_t number = block_at(placed);
  if (placed.time_since_epoch() - number * kBlock < kBegin) return;
  if (blocks_.empty()) blocks_.resize(kBlocks);
  Block& block = blocks_[static_cast<std::size_t>(number % kBlocks)];
  if (block.number > number) return;
  if (block.number < number) block = {.number = number};
  Sum& sum = by_network ? block.network : block.rule;
  sum.responses += std::min(to_seconds(response) / of_class.responses, kMostResponse);
  sum.count += 1;
}

void Switchback::forget() {
  blocks_.clear();
  suspicion_ = Suspicion::kNone;
  looked_at_ = compared_to_ = -1;
}

bool Switchback::finds_harm(Instant now) {
  const std::int64_t block = block_at(now);
  if (block == looked_at_) return false;
  looked_at_ = block;
  const std::int64_t end = block - kLate;
  const Comparison all = compare(end - kBlocks, end);
  if (all.last == compared_to_) return false;
  compared_to_ = all.last;
  const Comparison late = compare(end - kNewBlocks, end);
  suspicion_ = std::max(suspicion_of(all), suspicion_of(late));
  return shows_harm(all) || shows_harm(late);
}

Switchback::Suspicion Switchback::suspicion_of(const Comparison& found) {
  if (found.count < kFewestComparisons || found.mean <= kLikely * found.deviation) {
    return Suspicion::kNone;
  }
  return found.mean <= kVeryLikely * found.deviation ? Suspicion::kSome : Suspicion::kStrong;
}

bool Switchback::shows_harm(const Comparison& found) {
  return found.count >= kFewestComparisons &&
         found.mean > sure_bound(found.count - 1) * found.deviation;
}

const Switchback::Block* Switchback::find(std::int64_t number) const {
  if (number < 0 || blocks_.empty()) return nullptr;
  const Block& block = blocks_[static_cast<std::size_t>(number % kBlocks)];
  return block.number == number ? &block : nullptr;
}

Switchback::Comparison Switchback::compare(std::int64_t first, std::int64_t end) const {
  Comparison found;
  double squares = 0;
  for (std::int64_t number = first + 1; number < end; ++number) {
    const Block* const rule = find(number);
    if (rule == nullptr || rule->rule.count < kFewestTasks) continue;
    Sum beside;
    for (const std::int64_t other : {number - 1, number + 1}) {
      // Each block only once.
      const bool is_there = other > found.last && other < end;
      const Block* const network = is_there ? find(other) : nullptr;
      if (network == nullptr || network->network.count < kFewestTasks) continue;
      beside.responses += network->network.responses / network->network.count;
      beside.count += 1;
      found.last = other;
    }
    if (beside.count == 0) continue;
    const double ratio =
        std::log(beside.responses / beside.count / (rule->rule.responses / rule->rule.count));
    ++found.count;
    const double step = ratio - found.mean;
    found.mean += step / found.count;
    squares += step * (ratio - found.mean);
  }
  if (found.count > 1) found.deviation = std::sqrt(squares / (found.count - 1.0) / found.count);
  return found;
}

}  // namespace weir
