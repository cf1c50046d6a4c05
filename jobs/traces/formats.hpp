// The trace formats weir reads, recognized by their header line. jobs/README.md describes what each
// is mapped to.

#pragma once

#include <span>
#include <string_view>

#include "jobs/traces/row.hpp"
#include "jobs/traces/table.hpp"

namespace weir {

// Where the windows of the tasks come from.
enum class WindowSource {
  kPrices,   // The values are prices: the last updates of the book.
  kSamples,  // The values are samples: the last ones of the same key.
  kGaps,     // The gaps between events of the same key are the samples.
  kMadeUp,   // The file does not say: made up from seed and index.
};

// One line, one arrival.
struct EventFormat {
  std::string_view header;
  std::string_view kernel;
  WindowSource windows;
  WorkRule work;
  TraceEvent (*read)(const Row& row);
};

std::span<const EventFormat> event_formats();

// Headers of files that say how long things took or how full machines were, but not when work
// arrived, and why each is no stream.
struct RefusedFormat {
  std::string_view header;
  std::string_view reason;
};
std::span<const RefusedFormat> refused_formats();

// A file without header: "EPOCH_MS,{SenML JSON}", one record per line.
inline constexpr std::string_view kSenmlHeader = "epoch_ms,senml";
bool is_senml(std::string_view line);
TraceEvent read_senml(const CsvFile& file, std::string_view line);

}  // namespace weir
