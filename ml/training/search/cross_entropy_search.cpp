#include "ml/training/search/cross_entropy_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

constexpr const char* kContentsAttribute = "weir_contents";
constexpr const char* kContents = "cross_entropy_search";

void check(const CrossEntropyState& state, const CrossEntropyOptions& options) {
  WEIR_CHECK(!state.mean.empty() && state.deviation.size() == state.mean.size(),
             "a search without parameters");
  WEIR_CHECK(options.elites > 0 && options.elites <= options.population, "elites of nobody");
  WEIR_CHECK(!options.antithetic || options.population % 2 == 0, "candidates that are no pairs");
  WEIR_CHECK(options.step > 0 && options.step <= 1, "a step of nothing, or beyond the elites");
}

std::vector<SearchPoint> candidates_of(const CrossEntropyState& state,
                                       const CrossEntropyOptions& options) {
  Random random(options.seed, state.generation);
  std::vector<SearchPoint> candidates{state.mean};
  const auto wanted = static_cast<std::size_t>(options.population) + 1;
  while (candidates.size() < wanted) {
    SearchPoint candidate = state.mean;
    SearchPoint opposite = state.mean;
    for (std::size_t i = 0; i < candidate.size(); ++i) {
      const double move = state.deviation[i] * random.normal();
      candidate[i] += move;
      opposite[i] -= move;
    }
    candidates.push_back(std::move(candidate));
    if (options.antithetic) candidates.push_back(std::move(opposite));
  }
  return candidates;
}

// The best candidates, best first; of equals, the one that was drawn first.
std::vector<std::size_t> elites_of(const std::vector<double>& values,
                                   const CrossEntropyOptions& options) {
  const auto cost = [&](std::size_t i) {
    if (!std::isfinite(values[i])) return std::numeric_limits<double>::infinity();
    return options.maximize ? -values[i] : values[i];
  };
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, cost);
  order.resize(static_cast<std::size_t>(options.elites));
  return order;
}

void move_to_elites(const std::vector<SearchPoint>& candidates,
                    const std::vector<std::size_t>& elites, const CrossEntropyOptions& options,
                    CrossEntropyState& state) {
  const double noise =
      options.extra_noise * std::pow(options.noise_decay, static_cast<double>(state.generation));
  const auto count = static_cast<double>(elites.size());
  for (std::size_t i = 0; i < state.mean.size(); ++i) {
    double mean = 0;
    for (const std::size_t elite : elites) mean += candidates[elite][i] / count;
    double variance = 0;
    for (const std::size_t elite : elites) {
      variance += (candidates[elite][i] - mean) * (candidates[elite][i] - mean) / count;
    }
    const double old_variance = state.deviation[i] * state.deviation[i];
    const double added = noise * state.first_deviation[i];
    state.mean[i] += options.step * (mean - state.mean[i]);
    state.deviation[i] =
        std::sqrt(old_variance + options.step * (variance - old_variance) + added * added);
  }
}

}  // namespace

CrossEntropyState start_search(SearchPoint mean, SearchPoint deviation) {
  WEIR_CHECK(!mean.empty() && mean.size() == deviation.size(), "a deviation for every mean");
  WEIR_CHECK(std::ranges::all_of(deviation, [](double width) { return width > 0; }),
             "a parameter that cannot move");
  return {.mean = std::move(mean), .deviation = deviation, .first_deviation = deviation};
}

CrossEntropyState search_by_cross_entropy(CrossEntropyState state,
                                          const CrossEntropyOptions& options, int generations,
                                          const CandidateValues& values) {
  check(state, options);
  for (int i = 0; i < generations; ++i) {
    const std::vector<SearchPoint> candidates = candidates_of(state, options);
    const auto found = values(candidates, state.generation);
    if (!found) break;
    WEIR_CHECK(found->size() == candidates.size(), "a value for every candidate");
    move_to_elites(candidates, elites_of(*found, options), options, state);
    ++state.generation;
  }
  return state;
}

void save_search(const CrossEntropyState& state, const std::filesystem::path& path) {
  const Attributes attributes{{kContentsAttribute, kContents},
                              {"generation", static_cast<std::int64_t>(state.generation)}};
  const std::vector<Array> arrays{
      {"mean", state.mean, "of the distribution candidates are drawn from"},
      {"deviation", state.deviation, "of the same"},
      {"first_deviation", state.first_deviation, "with which the search began"}};
  replace_record(path, "the search", [&](const std::filesystem::path& unfinished) {
    return RecordWriter(unfinished, {}, attributes, arrays, {.own_thread = false}).close();
  });
}

CrossEntropyState load_search(const std::filesystem::path& path) {
  const RecordReader file(path);
  const Attributes attributes = file.attributes();
  const auto contents = attributes.find(kContentsAttribute);
  const auto generation = attributes.find("generation");
  CrossEntropyState state;
  if (contents != attributes.end() && contents->second == AttributeValue(kContents) &&
      generation != attributes.end() && std::holds_alternative<std::int64_t>(generation->second)) {
    state.generation = static_cast<std::uint64_t>(std::get<std::int64_t>(generation->second));
    for (const Array& array : file.arrays()) {
      const auto* numbers = std::get_if<SearchPoint>(&array.values);
      if (numbers == nullptr) continue;
      if (array.name == "mean") state.mean = *numbers;
      if (array.name == "deviation") state.deviation = *numbers;
      if (array.name == "first_deviation") state.first_deviation = *numbers;
    }
  }
  const std::size_t size = state.mean.size();
  if (size == 0 || state.deviation.size() != size || state.first_deviation.size() != size) {
    throw Error("the search cannot be resumed", path.string() + ": no search that was saved",
                "a mean and two deviations of the same parameters", "a new search");
  }
  return state;
}

}  // namespace weir
