// Makes a noisy function of many parameters small (or large) by the cross-entropy method
// (R. Rubinstein, Methodology and Computing in Applied Probability 1, 1999).
//
// Candidates of a generation are drawn from a normal distribution, independent in each parameter.
// Its mean and deviation then become those of the best of them, the elites. Left alone the
// distribution shrinks before it has arrived; so a variance is added that fades from generation to
// generation (I. Szita and A. Lorincz, "Learning Tetris using the noisy cross-entropy method",
// Neural Computation 18, 2006). Candidates come in pairs on opposite sides of the mean, which
// removes the luck of which side was drawn more often. All candidates of a generation are judged on
// the same random numbers, so that they share their luck and only their differences count; the next
// generation is judged on others, so that nothing is learned by heart.
//
// The answer is the mean: the best value ever seen is mostly the luckiest.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace weir {

struct CrossEntropyOptions {
  int population = 24;  // candidates of a generation beside the mean; even where they are pairs
  int elites = 6;       // of them: at least 1, at most the population
  bool antithetic = true;
  bool maximize = false;
  // Of the way from the old mean and variance to those of the elites. Above 0, at most 1.
  double step = 1;
  // What is added to the deviation at first, as a share of the first deviation, and what is left of
  // it one generation later.
  double extra_noise = 0.3;
  double noise_decay = 0.9;
  std::uint64_t seed = 1;
};

using SearchPoint = std::vector<double>;

// Where a search stands: all that is needed to go on.
struct CrossEntropyState {
  std::uint64_t generation = 0;  // the next one
  SearchPoint mean;
  SearchPoint deviation;
  SearchPoint first_deviation;
  friend bool operator==(const CrossEntropyState&, const CrossEntropyState&) = default;
};

// As many means as deviations, at least one; deviations above zero.
CrossEntropyState start_search(SearchPoint mean, SearchPoint deviation);

// The values of all candidates, in their order; the first is the mean itself. `generation` is the
// seed of what is random in them. One that is not finite counts as the worst. Nothing: the search
// is to stop.
using CandidateValues = std::function<std::optional<std::vector<double>>(
    const std::vector<SearchPoint>& candidates, std::uint64_t generation)>;

// After so many generations, or, where the values stopped, after the last that was whole. Equal
// inputs, equal results; one call is as good as several with fewer generations.
CrossEntropyState search_by_cross_entropy(CrossEntropyState state,
                                          const CrossEntropyOptions& options, int generations,
                                          const CandidateValues& values);

// HDF5. Both throw Error for a file that cannot be written, or is none of these.
void save_search(const CrossEntropyState& state, const std::filesystem::path& path);
CrossEntropyState load_search(const std::filesystem::path& path);

}  // namespace weir
