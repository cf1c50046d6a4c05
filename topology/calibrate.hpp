// How fast this host is: a quick measurement at start, remembered in a file.

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "runtime/base/time.hpp"
#include "topology/machine.hpp"

namespace weir {

struct Calibration {
  // Rounds of a fixed kernel, half integer and half floating point, that one core does per second.
  // Comparable between hosts running one version of weir.
  double core_events_per_s = 0;
  // Read plus written by one thread that copies from one large array to another.
  double memory_bytes_per_s = 0;
  bool from_cache = false;
};

struct CalibrationOptions {
  // Where results are kept; an empty path keeps none.
  std::filesystem::path cache_folder;
  // How long each part measures, not counting about as much to make the arrays.
  Duration core_time = std::chrono::milliseconds(40);
  Duration memory_time = std::chrono::milliseconds(60);
  // Each of the two arrays at least, and at most: twice the largest cache lies between.
  std::size_t min_array_bytes = std::size_t{16} << 20;
  std::size_t max_array_bytes = std::size_t{64} << 20;
};

// $XDG_CACHE_HOME/weir, else ~/.cache/weir, else empty.
std::filesystem::path default_cache_folder();

// What an earlier calibration of this host left. Nothing when there is none, or when it is broken
// or was made on another host, processor or by another version. `machine` must describe this host.
std::optional<Calibration> cached_calibration(const Machine& machine,
                                              const CalibrationOptions& options);

// The cached result, else measures on the calling thread and writes the cache; a cache that cannot
// be written is no error. Takes about 0.2 s and, for that time, the two arrays. Ranks of one host
// that measure at the same time disturb each other: let one do it.
Calibration calibrate(const Machine& machine, const CalibrationOptions& options);

}  // namespace weir
