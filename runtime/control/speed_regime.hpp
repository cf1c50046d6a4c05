// Whether a node is in its slow state: throttled, or beside a busy neighbour that comes and goes.
//
// Sizes of tasks are not known, and they vary: a mean over the last tasks is either old or noisy,
// and rules that go to the fastest of many nodes fall for the noise. So two levels are assumed, and
// what is estimated is the probability of the slow one: the filter of a hidden Markov chain
// (Rabiner, "A tutorial on hidden Markov models", Proc. IEEE 77, 1989).
//
// The evidence is how long tasks take over the mean of their class in the normal state. Each that
// has ended counts with the likelihood ratio of its service, each that runs with that of having
// lasted so long: so a node that has all but stopped shows before anything ends. Sizes are taken to
// be hyperexponential with the measured mean and squared coefficient of variation and balanced
// means (Whitt, "Approximating a point process by a renewal process", Operations Research 30,
// 1982); exponential where they vary less. Long tasks are rare in it, not proof.
//
// Without evidence the probability goes back to what it is in general: a node that rules avoid
// because it was slow is tried again. The slow level is measured while the node is surely slow. The
// normal level is the faster one: where a class was learned on a slow node, its mean is corrected
// once the node has become faster, by a sequential test (Page, "Continuous inspection schemes",
// Biometrika 41, 1954).

#pragma once

#include <array>
#include <cstddef>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// Of sizes with mean 1.
class SizeModel {
 public:
  // The squared coefficient of variation; a model for 1 below that, and for a cautious 3 above it.
  explicit SizeModel(double variation);

  // The likelihood ratio of a service `size` for a node `slower` times slower than normal, against
  // a normal one, in nats; and of having lasted `size` without an end.
  double evidence_of_end(double size, double slower) const;
  double evidence_of_age(double size, double slower) const;

 private:
  double density(double size) const;
  double survival(double size) const;

  std::array<double, 2> share_;
  std::array<double, 2> rate_;
};

class SpeedRegime {
 public:
  SpeedRegime();

  // A task has ended whose service was `size` means of the normal state. Returns by what the mean
  // of its class is to be multiplied: 1, unless it proves too long.
  double on_ended(std::size_t task_class, double size, const SizeModel& sizes);

  // Between the looks at what runs: begin_look(), on_running() for each task, end_look().
  void begin_look(Duration since_last);
  void on_running(double size, const SizeModel& sizes);
  void end_look();

  // Of the slow state.
  double probability() const;
  // How many times longer tasks take now than in the normal state: what is to be expected.
  double slowness() const { return 1 + (slow_level_ - 1) * probability(); }

 private:
  // Of a class that seems to be faster than its mean says.
  struct Faster {
    double evidence = 0;
    double ended = 0;
    double sizes = 0;
  };

  void measure_slow_level(double size);

  double log_odds_;  // of the slow state
  double evidence_of_ages_ = 0;
  double last_evidence_of_ages_ = 0;
  double slow_level_;
  double slow_ended_ = 0;  // in the slow state, of late
  double slow_sizes_ = 0;
  std::array<Faster, kMaxClasses> faster_{};
};

}  // namespace weir
