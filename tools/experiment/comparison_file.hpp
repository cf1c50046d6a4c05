// The HDF5 file of an experiment: every run, every comparison, and what it takes to repeat them.
//
//   /              attributes command, date, baseline, window_s, step_s
//   /scenarios     names; /scenario_settings: their NAME = VALUE lines; /policies; /tuned_names
//   /runs/*        a row per scenario, policy and seed: positions in the lists above, and a column
//                  per number that was measured, NaN where it was not
//   /series/*      a row per second of a run whose adaptation was measured
//   /comparison/*  a row per scenario and policy: the ratio to the baseline, its interval, p,
//                  verdict
//   /tuned/*       which policy of which scenario ran under which tuned name

#pragma once

#include <filesystem>

#include "tools/experiment/comparison.hpp"

namespace weir {

// Replaces a file of that name in one step; throws Error, and leaves it as it was, when it cannot
// be written.
void write_comparison(const ExperimentResults& results, const std::filesystem::path& path);

// Throws Error for what is no such file.
ExperimentResults read_comparison(const std::filesystem::path& path);

}  // namespace weir
