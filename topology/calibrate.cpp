// Each measurement repeats short rounds and takes the fastest: whatever else runs on the host can
// only make a round slower.

#include "topology/calibrate.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <system_error>

namespace weir {
namespace {

namespace fs = std::filesystem;
using Stopwatch = std::chrono::steady_clock;

// Part of the cache's first line: raise it whenever the kernels below change.
constexpr const char* kCacheVersion = "weir calibration 1";

constexpr int kStepsPerEvent = 1000;

// The result depends on every step, so that none can be left out.
std::uint64_t run_events(int count, std::uint64_t seed) {
  std::uint64_t x = seed | 1;
  double y = 1.0;
  for (int step = 0; step < count * kStepsPerEvent; ++step) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    y = y * 0.999 + static_cast<double>(x >> 40) * 1e-7;
  }
  return x ^ std::bit_cast<std::uint64_t>(y);
}

// Runs `round` until `limit` has passed, at least twice; the shortest time of one round.
template <typename Round>
double shortest_seconds(Duration limit, Round round) {
  double shortest = std::numeric_limits<double>::max();
  const auto start = Stopwatch::now();
  for (int done = 0; done < 2 || Stopwatch::now() - start < limit; ++done) {
    const auto before = Stopwatch::now();
    round();
    const std::chrono::duration<double> taken = Stopwatch::now() - before;
    shortest = std::min(shortest, taken.count());
  }
  return std::max(shortest, 1e-9);
}

double measure_core(Duration limit) {
  constexpr int kEventsPerRound = 500;  // About 1 ms: long for the clock, short for the scheduler.
  std::uint64_t seed = 1;
  const double seconds = shortest_seconds(limit, [&] { seed = run_events(kEventsPerRound, seed); });
  // Using the result keeps the work; zero would need an unlikely accident.
  return seed == 0 ? 0 : kEventsPerRound / seconds;
}

double measure_memory(Duration limit, std::size_t array_bytes) {
  const auto from = std::make_unique_for_overwrite<char[]>(array_bytes);
  const auto to = std::make_unique_for_overwrite<char[]>(array_bytes);
  // Pages exist only once they are written.
  std::memset(from.get(), 1, array_bytes);
  std::memset(to.get(), 2, array_bytes);
  unsigned char mark = 0;
  const double seconds = shortest_seconds(limit, [&] {
    from[array_bytes / 2] = static_cast<char>(++mark);
    std::memcpy(to.get(), from.get(), array_bytes);
    // Reading a copied byte keeps the copy.
    if (static_cast<unsigned char>(to[array_bytes / 2]) != mark) std::abort();
  });
  return 2.0 * static_cast<double>(array_bytes) / seconds;
}

std::size_t array_bytes_for(const Machine& machine, const CalibrationOptions& options) {
  std::uint64_t largest_cache = 0;
  for (const Cache& cache : machine.caches) largest_cache = std::max(largest_cache, cache.bytes);
  return std::clamp<std::size_t>(2 * largest_cache, options.min_array_bytes,
                                 std::max(options.min_array_bytes, options.max_array_bytes));
}

std::string model_of(const Machine& machine) {
  return machine.packages.empty() ? "" : machine.packages.front().model;
}

fs::path cache_file(const Machine& machine, const fs::path& folder) {
  std::string name = machine.host;
  std::ranges::replace(name, '/', '_');
  return folder / ("calibration-" + name);
}

// What stands above the numbers: a file for which it differs belongs to somebody else.
std::string cache_key(const Machine& machine) {
  return std::string(kCacheVersion) + "\nhost " + machine.host + "\nmodel " + model_of(machine) +
         "\n";
}

// First to a file of its own and then renamed, so that no reader sees half of it.
void write_cache(const Machine& machine, const fs::path& folder, const Calibration& result) {
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path file = cache_file(machine, folder);
  const fs::path draft = file.string() + "." + std::to_string(getpid());
  {
    std::ofstream out(draft);
    out.precision(17);
    out << cache_key(machine) << "core_events_per_s " << result.core_events_per_s
        << "\nmemory_bytes_per_s " << result.memory_bytes_per_s << '\n';
    if (!out.flush()) {
      fs::remove(draft, error);
      return;
    }
  }
  fs::rename(draft, file, error);
  if (error) fs::remove(draft, error);
}

bool is_rate(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

fs::path default_cache_folder() {
  const char* cache_home = std::getenv("XDG_CACHE_HOME");
  // The specification asks to ignore relative paths.
  if (cache_home != nullptr && cache_home[0] == '/') return fs::path(cache_home) / "weir";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return fs::path(home) / ".cache" / "weir";
  return {};
}

std::optional<Calibration> cached_calibration(const Machine& machine,
                                              const CalibrationOptions& options) {
  if (options.cache_folder.empty()) return std::nullopt;
  std::ifstream in(cache_file(machine, options.cache_folder));
  std::string key;
  for (int i = 0; i < 3; ++i) {
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    key += line;
    key += '\n';
  }
  if (key != cache_key(machine)) return std::nullopt;
  Calibration result;
  std::string core;
  std::string memory;
  in >> core >> result.core_events_per_s >> memory >> result.memory_bytes_per_s;
  if (!in || core != "core_events_per_s" || memory != "memory_bytes_per_s") return std::nullopt;
  if (!is_rate(result.core_events_per_s) || !is_rate(result.memory_bytes_per_s)) {
    return std::nullopt;
  }
  result.from_cache = true;
  return result;
}

Calibration calibrate(const Machine& machine, const CalibrationOptions& options) {
  if (const auto cached = cached_calibration(machine, options)) return *cached;
  const Calibration result{
      .core_events_per_s = measure_core(options.core_time),
      .memory_bytes_per_s = measure_memory(options.memory_time, array_bytes_for(machine, options)),
      .from_cache = false};
  if (!options.cache_folder.empty()) write_cache(machine, options.cache_folder, result);
  return result;
}

}  // namespace weir
