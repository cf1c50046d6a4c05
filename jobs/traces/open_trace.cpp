#include <algorithm>
#include <cmath>
#include <string>

#include "jobs/stream.hpp"
#include "jobs/traces/count_trace.hpp"
#include "jobs/traces/event_trace.hpp"
#include "jobs/traces/formats.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr double kLargestCount = 1e9;

struct Counts {
  std::vector<std::uint32_t> per_bin;
  Duration bin;
};

// "trace" of trace.csv.gz.
std::string stem_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

std::string folder_of(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::absolute(file, ignored).parent_path().filename().string();
}

void check(const TraceOptions& options) {
  if (!(options.time_scale > 0 && options.time_scale <= 1e12)) {
    throw Error("a trace cannot be replayed at this speed", std::to_string(options.time_scale),
                "a time scale above 0, up to 1e12", "1 for recorded speed, 10 for ten times it");
  }
  if (!(options.work_scale > 0 && options.work_scale <= 1e4)) {
    throw Error("a trace cannot have this work scale", std::to_string(options.work_scale),
                "above 0, up to 1e4", "1");
  }
  if (options.duration && *options.duration <= Duration::zero()) {
    throw Error("a trace cannot be replayed for this long",
                std::to_string(to_seconds(*options.duration)) + " s", "a positive duration",
                "no duration, for the whole file");
  }
}

void refuse_empty(const CsvFile& file) {
  throw Error("cannot read trace " + file.path().string(), "no events in it",
              "a header line and at least one event", "another file");
}

// A file of counts does not say how long its bins are; its name does.
Duration bin_of(const CsvFile& file) {
  const std::string name = stem_of(file.path());
  if (name.find("persec") != std::string::npos) return std::chrono::seconds(1);
  if (name.find("permin") != std::string::npos) return std::chrono::minutes(1);
  throw Error("cannot read trace " + file.path().string(), "counts in bins of unknown length",
              "a file name with 'persec' or 'permin' in it", "rename the file");
}

Counts read_counts(CsvFile& file) {
  Counts counts{{}, bin_of(file)};
  std::string_view line;
  while (file.next_line(line)) {
    const Row row(file, "count", line);
    const double count = row.amount(0);
    if (count != std::floor(count) || count > kLargestCount) row.refuse(0, "a count");
    counts.per_bin.push_back(static_cast<std::uint32_t>(count));
  }
  return counts;
}

TraceTable read_events(CsvFile& file, const EventFormat& format) {
  TraceTable table;
  std::string_view line;
  while (file.next_line(line)) table.add(format.read(Row(file, format.header, line)), file);
  return table;
}

TraceTable read_senml_file(CsvFile& file, std::string_view line) {
  TraceTable table;
  do {
    table.add(read_senml(file, line), file);
  } while (file.next_line(line));
  return table;
}

// A series of "timestamp,value" holds counts when it is a regular grid of whole numbers of at least
// 0, and samples otherwise.
std::optional<Counts> as_counts(const TraceTable& table) {
  if (table.size() < 3) return std::nullopt;
  const std::int64_t bin_ns = table.at_ns(1);
  if (bin_ns <= 0) return std::nullopt;
  Counts counts{{}, Duration(bin_ns)};
  for (std::size_t row = 0; row < table.size(); ++row) {
    const float value = table.value(row);
    if (!(value >= 0 && value <= kLargestCount) || value != std::floor(value) ||
        (row > 0 && table.at_ns(row) - table.at_ns(row - 1) != bin_ns)) {
      return std::nullopt;
    }
    counts.per_bin.push_back(static_cast<std::uint32_t>(value));
  }
  return counts;
}

std::unique_ptr<Stream> replay_counts(const CsvFile& file, Counts counts,
                                      const TraceOptions& options) {
  if (std::ranges::all_of(counts.per_bin, [](std::uint32_t count) { return count == 0; })) {
    refuse_empty(file);
  }
  const std::string_view kernel = folder_of(file.path()) == "iot" ? "iot" : "social";
  return std::make_unique<CountTrace>(stem_of(file.path()), kernel, std::move(counts.per_bin),
                                      counts.bin, options);
}

std::unique_ptr<Stream> replay_events(const CsvFile& file, std::string_view kernel,
                                      WindowSource windows, WorkRule work, TraceTable table,
                                      const TraceOptions& options) {
  if (table.size() == 0) refuse_empty(file);
  table.set_work(work);
  if (windows == WindowSource::kSamples || windows == WindowSource::kGaps) table.link_keys();
  if (windows == WindowSource::kGaps) table.set_values_to_gaps();
  if (windows != WindowSource::kMadeUp) table.fill_values();
  return std::make_unique<EventTrace>(stem_of(file.path()), kernel, windows, std::move(table),
                                      options);
}

// Monitoring series look like event series, but load on a machine is no work to be done.
void refuse_node_level(const CsvFile& file) {
  const bool is_node_level =
      folder_of(file.path()) == "node_level" || stem_of(file.path()).starts_with("nab_aws");
  if (!is_node_level) return;
  throw Error("trace " + file.path().string() + " is no stream", "how busy machines were over time",
              "a file of arrivals or of counts per bin",
              "a file from the financial, social, iot or compute traces");
}

[[noreturn]] void refuse_header(const CsvFile& file, std::string_view header) {
  for (const RefusedFormat& refused : refused_formats()) {
    if (header != refused.header) continue;
    throw Error("trace " + file.path().string() + " is no stream", std::string(refused.reason),
                "a file of arrivals or of counts per bin", "another file of the same folder");
  }
  std::string known = "one of: count; " + std::string(kSenmlHeader);
  for (const EventFormat& format : event_formats()) known += "; " + std::string(format.header);
  throw Error("cannot read trace " + file.path().string() + ", line 1",
              "the header '" + std::string(header.substr(0, 100)) + "'", known,
              "rename the columns, or convert the file");
}

}  // namespace

std::unique_ptr<Stream> open_trace(const std::filesystem::path& path, const TraceOptions& options) {
  check(options);
  CsvFile file(path);
  refuse_node_level(file);
  std::string_view first;
  if (!file.next_line(first)) refuse_empty(file);
  const std::string header(first);

  if (header == "count") return replay_counts(file, read_counts(file), options);
  if (is_senml(header)) {
    return replay_events(file, "iot", WindowSource::kSamples, WorkRule::kProportional,
                         read_senml_file(file, header), options);
  }
  const auto format = std::ranges::find(event_formats(), header, &EventFormat::header);
  if (format == event_formats().end()) refuse_header(file, header);
  TraceTable table = read_events(file, *format);
  if (header == "timestamp,value") {
    if (auto counts = as_counts(table)) return replay_counts(file, std::move(*counts), options);
  }
  return replay_events(file, format->kernel, format->windows, format->work, std::move(table),
                       options);
}

}  // namespace weir
