// A memory of transitions from which the surprising ones are drawn more often (T. Schaul, J. Quan,
// I. Antonoglou, D. Silver, "Prioritized experience replay", ICLR 2016, proportional variant).
//
// A transition is drawn with a probability in proportion to p = (|error| + least_error)^alpha, its
// error being that of the last time it was learned from; a new one counts as much as the most
// surprising so far. What is drawn more often than it happened is given less weight, (1 / (N
// P))^beta, and beta grows to 1 while learning settles. Weights are divided by the largest of the
// batch.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "ml/training/experience/n_step_window.hpp"
#include "ml/training/experience/sum_tree.hpp"
#include "runtime/base/random.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"

namespace weir {

struct ReplayOptions {
  // Transitions; when full, each new one takes the place of the oldest. Each takes 8 bytes for
  // every feature of an observation: 12 KB with 50 nodes of 16 features and 3 classes of 4 there.
  std::size_t capacity = 50'000;
  double alpha = 0.5;         // 0: all alike; 1: in proportion to the error
  double least_error = 1e-3;  // nothing is forgotten for good
};

class PrioritizedReplay {
 public:
  struct Draw {
    std::vector<std::size_t> places;
    std::vector<double> weights;  // of each; the largest is 1
  };

  explicit PrioritizedReplay(ReplayOptions options);

  std::size_t size() const { return transitions_.size(); }
  const Transition& at(std::size_t place) const { return transitions_[place]; }
  // Of being the one that is drawn.
  double probability(std::size_t place) const { return tree_.weight(place) / tree_.total(); }

  void add(Transition transition);

  // One from each of `count` equal parts of the total priority: as likely as their priorities say,
  // with less chance than if each were drawn from the whole. Not from an empty memory.
  Draw draw(std::size_t count, double beta, Random& random) const;

  // What learning from them has found: absolute errors, one for each place.
  void set_errors(std::span<const std::size_t> places, std::span<const double> errors);

  // Its tables in a record, and their rows, in the tables from `first` on. Reading replaces what is
  // there, and throws Error for what does not fit together or was kept by a memory of another
  // capacity. What was read is equal to what was written, bit by bit.
  static std::vector<TableSchema> tables();
  void append_to(RecordWriter& record, TableIndex first) const;
  void read_from(const RecordReader& record, const std::filesystem::path& path);

 private:
  ReplayOptions options_;
  std::vector<Transition> transitions_;
  SumTree tree_;                // priorities to the power of alpha
  std::size_t next_place_ = 0;  // where the next one goes
  double largest_ = 1;          // of all priorities so far, to the power of alpha
};

}  // namespace weir
