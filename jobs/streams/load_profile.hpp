// A rate that changes while a run goes on: factors of the nominal rate over time, in steps and in
// straight lines.
//
//   0s:0.6,120s:0.95        0.6 until 120 s, 0.95 from then on
//   0s:1..10s:2..30s:1      from 1 to 2 in ten seconds, back to 1 in twenty, 1 from then on
//
// Seen as a change of time: nominal time is the integral of the factor, and what a stream does at a
// nominal time happens when that much of it has passed. A Poisson process becomes one with the
// changing rate, exactly (Lewis and Shedler, Naval Research Logistics 26, 1979); any other stream
// runs faster and slower, its bursts and periods with it.

#pragma once

#include <string_view>
#include <vector>

namespace weir {

class LoadProfile {
 public:
  // A factor of 1 throughout.
  LoadProfile() = default;

  // Throws Error for what it cannot read, times that do not grow, and a profile without any load.
  static LoadProfile parse(std::string_view text);

  // Nominal time after that much time, in seconds.
  double nominal_s(double time_s) const;
  // The earliest time with that nominal time; infinity where none has.
  double time_s(double nominal_s) const;
  // In the end: what holds for ever.
  double last_factor() const { return pieces_.back().from; }

 private:
  // From its start to the start of the next piece the factor goes from `from` to `to`; the last
  // piece is flat.
  struct Piece {
    double start_s = 0;
    double from = 1;
    double to = 1;
    double nominal_start_s = 0;
  };

  double slope(std::size_t piece) const;

  std::vector<Piece> pieces_ = {Piece{}};
};

}  // namespace weir
