// Whether corrections of service times do harm, found out while tasks come back.
//
// A node has told t, the correction is m, and the task took y t. With sizes taken as exponential
// the log likelihood of that is -(m + y e^-m) with the correction, and -y as told; so the
// correction has won d = y - m - y e^-m, whose mean is above zero where it is right and below where
// it is not.
// Page's test adds up what is lost beyond an allowance and begins anew wherever the sum would be
// below zero. Where the correction is right and tasks are independent, the sum reaches h once in
// e^h tasks at most (G. Lorden, Annals of Mathematical Statistics 42, 1971); where it is wrong by a
// factor of e, after some dozens.
//
// Real sizes vary more or less than exponential ones. Losses are divided by how much more, the
// dispersion of a quasi-likelihood (R. Wedderburn, Biometrika 61, 1974), measured as one goes.
//
// Source: E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954.

#pragma once

namespace weir {

class EstimateWatch {
 public:
  // A task took `ratio` times as long as its node had told; `correction` is m, a logarithm.
  void add(double ratio, double correction);

  bool harmful() const { return lost_ >= kHarm; }
  // Not harmful lately: it has won back half of what makes harm.
  bool harmless() const { return lost_ < kHarm / 2; }

 private:
  // h above. Where nodes change their speed, errors come in runs: with good weights the sum reaches
  // 9 there (jobs/scenarios/drift.ini), and 5 in combined.ini.
  static constexpr double kHarm = 20;

  double lost_ = 0;  // at most kHarm, so that it can be won back
  // Of y e^-m of late: its mean, and that of its square. Before anything is known: sizes of high
  // variance, as it costs little to wait for some more of them.
  double mean_ = 1;
  double square_ = 5;
};

}  // namespace weir
