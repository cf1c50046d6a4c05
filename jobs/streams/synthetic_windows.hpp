// Windows for tasks whose source does not say what they hold: books, texts and sensor samples, made
// up from a random sequence. The caller seeds that with the index of the arrival, so that a window
// depends on nothing else.

#pragma once

#include <cstdint>

#include "jobs/kernels/windows.hpp"
#include "jobs/streams/zipf.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// The payload of arrival `index` of a stream is drawn from this.
Random payload_random(std::uint64_t seed, std::uint64_t index);

struct BookShape {
  Duration until;              // Time of the last update.
  double mean_gap_s = 1e-2;    // Between updates.
  std::uint32_t updates = 16;  // At least 2.
};

// A random walk of the mid price around a level that belongs to the instrument `key`.
FinanceWindow make_book_window(Random& random, std::uint64_t key, const BookShape& shape,
                               std::uint32_t work_units);

// Posts in a vocabulary of 20,000 words under Zipf's law (exponent 1), spelled from syllables.
class TextSource {
 public:
  TextSource();

  // About 7 bytes per word, and at least `word_count` words; mentions user `key`.
  SocialWindow make_window(Random& random, std::uint64_t key, std::uint32_t word_count,
                           std::uint32_t work_units) const;

 private:
  Zipf vocabulary_;
};

// Enough words that all pairs of them cover the work of the kernel.
std::uint32_t words_for_work(std::uint32_t work_units);

// A level, a wave and noise that belong to the sensor `key`; in one window of eight the level
// changes.
SensorWindow make_sensor_window(Random& random, std::uint64_t key, std::uint32_t sample_count,
                                std::uint32_t work_units);

// `units` times `scale`, at least 1 and at most what a kernel accepts.
std::uint32_t scaled_work(double units, double scale);

}  // namespace weir
