#include "ml/training/experience/prioritized_replay.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

// In a record a transition is a row of "transitions"; its numbers follow those of the one before it
// in "numbers" and "choices".
constexpr std::uint16_t kTransitions = 0;
constexpr std::uint16_t kNumbers = 1;
constexpr std::uint16_t kChoices = 2;
constexpr std::uint16_t kState = 3;
const std::array<std::string, 4> kTableNames{"transitions", "numbers", "choices", "replay_state"};

// Of the variable parts of a transition, in the order in which they are written.
const std::array<std::string, 11> kSizes{
    "nodes",      "classes",      "context",      "feasible",      "rule_actions",     "actions",
    "next_nodes", "next_classes", "next_context", "next_feasible", "next_rule_actions"};
using Sizes = std::array<std::uint32_t, kSizes.size()>;

// Calls `part` with each variable part of a transition, in the order of kSizes.
template <typename AnyTransition, typename Part>
void for_each_part(AnyTransition& transition, Part&& part) {
  const auto observation = [&](auto& seen) {
    part(seen.nodes);
    part(seen.classes);
    part(seen.context);
    part(seen.feasible);
    part(seen.rule_actions);
  };
  observation(transition.observation);
  part(transition.actions);
  observation(transition.next);
}

Sizes sizes_of(const Transition& transition) {
  Sizes sizes{};
  std::size_t i = 0;
  for_each_part(transition, [&](const auto& numbers) {
    sizes[i++] = static_cast<std::uint32_t>(numbers.size());
  });
  return sizes;
}

TableIndex table(TableIndex first, std::uint16_t number) {
  return TableIndex(static_cast<std::uint16_t>(first.value() + number));
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& found) {
  throw Error("the replay memory cannot be read", path.string() + ": " + found,
              "one that this version has saved with the same options", "learning from the start");
}

// What a record holds, and how far it has been read.
struct StoredNumbers {
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint8_t> choices;
  std::size_t next_number = 0;
  std::size_t next_choice = 0;

  // False: there are not so many.
  bool take(std::size_t count, std::vector<float>& to) {
    if (count > numbers.size() - next_number) return false;
    to.resize(count);
    for (float& number : to) number = std::bit_cast<float>(numbers[next_number++]);
    return true;
  }
  bool take(std::size_t count, std::vector<std::uint8_t>& to) {
    if (count > choices.size() - next_choice) return false;
    const auto begin = choices.begin() + static_cast<std::ptrdiff_t>(next_choice);
    to.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    next_choice += count;
    return true;
  }
  bool all_taken() const { return next_number == numbers.size() && next_choice == choices.size(); }
};

struct StoredState {
  std::size_t next_place = 0;
  double largest = 0;
};

StoredState state_in(const RecordReader& record, const std::filesystem::path& path,
                     std::size_t needed_capacity) {
  const auto capacity = record.column<std::uint64_t>({}, kTableNames[kState], "capacity");
  const auto next_place = record.column<std::uint64_t>({}, kTableNames[kState], "next_place");
  const auto largest = record.column<double>({}, kTableNames[kState], "largest");
  if (capacity.size() != 1 || capacity[0] != needed_capacity) {
    refuse(path, "not the memory of " + std::to_string(needed_capacity) + " transitions");
  }
  if (!(largest[0] > 0) || !std::isfinite(largest[0])) {
    refuse(path, "a largest priority that is none");
  }
  return {.next_place = next_place[0], .largest = largest[0]};
}

// A memory fills from the first place on; only a full one begins again.
void check_places(const std::filesystem::path& path, std::size_t capacity, std::size_t transitions,
                  std::size_t next_place) {
  const bool is_full = transitions == capacity;
  if (transitions <= capacity && (is_full ? next_place < capacity : next_place == transitions)) {
    return;
  }
  refuse(path, std::to_string(transitions) + " transitions in " + std::to_string(capacity) +
                   " places, and the next one in place " + std::to_string(next_place));
}

}  // namespace

PrioritizedReplay::PrioritizedReplay(ReplayOptions options)
    : options_(options), tree_(options.capacity) {
  WEIR_CHECK(options_.alpha >= 0 && options_.least_error > 0, "priorities that are none");
}

void PrioritizedReplay::add(Transition transition) {
  const std::size_t place = next_place_;
  if (place < transitions_.size()) {
    transitions_[place] = std::move(transition);
  } else {
    transitions_.push_back(std::move(transition));
  }
  tree_.set(place, largest_);
  next_place_ = (place + 1) % options_.capacity;
}

PrioritizedReplay::Draw PrioritizedReplay::draw(std::size_t count, double beta,
                                                Random& random) const {
  WEIR_CHECK(!transitions_.empty() && count > 0, "nothing to draw");
  Draw draw;
  const double part = tree_.total() / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double mass = part * (static_cast<double>(i) + random.uniform());
    draw.places.push_back(tree_.find(mass));
    const double expected = static_cast<double>(size()) * probability(draw.places.back());
    draw.weights.push_back(std::pow(expected, -beta));
  }
  const double largest = *std::ranges::max_element(draw.weights);
  for (double& weight : draw.weights) weight /= largest;
  return draw;
}

void PrioritizedReplay::set_errors(std::span<const std::size_t> places,
                                   std::span<const double> errors) {
  WEIR_CHECK(places.size() == errors.size(), "an error for every place");
  for (std::size_t i = 0; i < places.size(); ++i) {
    WEIR_CHECK(places[i] < size() && errors[i] >= 0, "no such transition, or no such error");
    const double priority = std::pow(errors[i] + options_.least_error, options_.alpha);
    tree_.set(places[i], priority);
    largest_ = std::max(largest_, priority);
  }
}

std::vector<TableSchema> PrioritizedReplay::tables() {
  std::vector<Column> rows;
  for (const std::string& name : kSizes) {
    rows.push_back({name, ColumnType::kUint32, "how many of these the transition has"});
  }
  rows.push_back({"reward", ColumnType::kDouble, "discounted sum"});
  rows.push_back({"discount", ColumnType::kDouble, "of the value of what comes next"});
  rows.push_back({"priority", ColumnType::kDouble, "to the power of alpha"});
  rows.push_back({"is_demonstration", ColumnType::kUint8, "1: the rule acted"});
  return {{kTableNames[kTransitions], rows},
          {kTableNames[kNumbers],
           {{"value", ColumnType::kUint32, "features: single precision, as its 32 bits"}}},
          {kTableNames[kChoices], {{"value", ColumnType::kUint8, "masks and actions"}}},
          {kTableNames[kState],
           {{"capacity", ColumnType::kUint64, "transitions"},
            {"next_place", ColumnType::kUint64, "of the next transition"},
            {"largest", ColumnType::kDouble, "of all priorities, to the power of alpha"}}}};
}

void PrioritizedReplay::append_to(RecordWriter& record, TableIndex first) const {
  for (std::size_t place = 0; place < size(); ++place) {
    const Transition& transition = transitions_[place];
    const Sizes sizes = sizes_of(transition);
    std::apply(
        [&](auto... count) {
          record.append(table(first, kTransitions), count..., transition.reward,
                        transition.discount, tree_.weight(place),
                        static_cast<std::uint8_t>(transition.is_demonstration));
        },
        sizes);
    for_each_part(transition, [&]<typename Number>(const std::vector<Number>& numbers) {
      for (const Number number : numbers) {
        if constexpr (std::same_as<Number, float>) {
          record.append(table(first, kNumbers), std::bit_cast<std::uint32_t>(number));
        } else {
          record.append(table(first, kChoices), number);
        }
      }
    });
  }
  record.append(table(first, kState), std::uint64_t{options_.capacity}, std::uint64_t{next_place_},
                largest_);
}

void PrioritizedReplay::read_from(const RecordReader& record, const std::filesystem::path& path) {
  const StoredState state = state_in(record, path, options_.capacity);
  const std::string& rows = kTableNames[kTransitions];
  const auto reward = record.column<double>({}, rows, "reward");
  const auto discount = record.column<double>({}, rows, "discount");
  const auto priority = record.column<double>({}, rows, "priority");
  const auto is_demonstration = record.column<std::uint8_t>({}, rows, "is_demonstration");
  std::vector<std::vector<std::uint32_t>> sizes;
  for (const std::string& name : kSizes) {
    sizes.push_back(record.column<std::uint32_t>({}, rows, name));
  }
  check_places(path, options_.capacity, reward.size(), state.next_place);

  StoredNumbers stored{.numbers = record.column<std::uint32_t>({}, kTableNames[kNumbers], "value"),
                       .choices = record.column<std::uint8_t>({}, kTableNames[kChoices], "value")};
  std::vector<Transition> transitions(reward.size());
  SumTree tree(options_.capacity);
  for (std::size_t place = 0; place < transitions.size(); ++place) {
    Transition& transition = transitions[place];
    transition.reward = reward[place];
    transition.discount = discount[place];
    transition.is_demonstration = is_demonstration[place] != 0;
    bool is_whole = priority[place] >= 0 && std::isfinite(priority[place]);
    std::size_t i = 0;
    for_each_part(transition, [&](auto& numbers) {
      is_whole = is_whole && stored.take(sizes[i++][place], numbers);
    });
    if (!is_whole || !is_finite(transition)) {
      refuse(path, "transition " + std::to_string(place) + " is not whole");
    }
    tree.set(place, priority[place]);
  }
  if (!stored.all_taken()) refuse(path, "numbers of no transition");
  const bool can_be_drawn = tree.total() > 0 && std::isfinite(tree.total());
  if (!transitions.empty() && !can_be_drawn) refuse(path, "priorities that are none");
  transitions_ = std::move(transitions);
  tree_ = std::move(tree);
  next_place_ = state.next_place;
  largest_ = state.largest;
}

}  // namespace weir
