#include "tools/inspect/streams_command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>
#include <ostream>

#include "jobs/statistics.hpp"
#include "jobs/stream.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

struct StreamsRequest {
  std::vector<std::string> streams;
  std::vector<std::string> traces;
  double rate_per_s = 1000;
  std::optional<Duration> duration;  // 60 s for streams, all of a trace, when not given
  double time_scale = 1;
  std::uint64_t seed = 1;
  bool fit = false;
  bool announced = false;
};

po::options_description described_options() {
  po::options_description options("weir streams: what the streams are like");
  auto add = options.add_options();
  add("help,h", "print this");
  add("stream", po::value<std::vector<std::string>>(), "a generated stream; may be repeated");
  add("trace", po::value<std::vector<std::string>>(), "a trace file; may be repeated");
  add("rate", po::value<std::string>(), "tasks/s of each stream (default 1000)");
  add("duration", po::value<std::string>(),
      "stream time, for example 30 or 2min (default: 60s, and all of a trace)");
  add("time-scale", po::value<std::string>(), "traces run N times faster (default 1)");
  add("seed", po::value<std::string>(), "for all that is random (default 1)");
  add("announced", "list the events that are announced, such as half of the flash crowds");
  add("fit", "give the streams rate and span of the first trace, and compare");
  return options;
}

StreamStatistics measure_trace(const std::string& file, const StreamsRequest& request) {
  TraceOptions options;
  options.time_scale = request.time_scale;
  options.seed = request.seed;
  options.duration = request.duration;
  return measure(*open_trace(file, options));
}

StreamStatistics measure_stream(const std::string& name, const StreamsRequest& request) {
  StreamOptions options;
  options.rate_per_s = request.rate_per_s;
  options.duration = request.duration.value_or(std::chrono::seconds(60));
  options.seed = request.seed;
  return measure(*make_stream(name, options));
}

std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string name_of(Duration window) {
  return window < std::chrono::seconds(1) ? format(to_milliseconds(window)) + " ms"
                                          : format(to_seconds(window)) + " s";
}

const WindowStatistics* find_window(const StreamStatistics& statistics, Duration window) {
  const auto place = std::ranges::find(statistics.windows, window, &WindowStatistics::window);
  return place == statistics.windows.end() ? nullptr : &*place;
}

class Table {
 public:
  // `fit`: every column but the first gets one more, its ratio to the first.
  Table(std::vector<StreamStatistics> columns, bool fit)
      : columns_(std::move(columns)), fit_(fit) {}

  void print(std::ostream& out) {
    print_line(out, "", [](std::size_t, const StreamStatistics& s) { return s.name; });
    print_row(out, "arrivals", [](const auto& s) { return static_cast<double>(s.arrivals); });
    print_row(out, "span s", [](const auto& s) { return s.span_s; });
    print_row(out, "rate /s", [](const auto& s) { return s.rate_per_s; });
    print_row(out, "gap CV", [](const auto& s) { return s.gap_variation; });
    print_row(out, "same instant", [](const auto& s) { return s.same_instant_share; });
    for (const Duration window : default_windows()) {
      print_window(out, "dispersion " + name_of(window), window,
                   &WindowStatistics::index_of_dispersion);
    }
    for (const Duration window : default_windows()) {
      print_window(out, "peak/mean " + name_of(window), window, &WindowStatistics::peak_to_mean);
    }
    print_row(out, "keys", [](const auto& s) { return static_cast<double>(s.keys); });
    print_row(out, "top 1 % keys", [](const auto& s) { return s.top_key_share; });
    print_row(out, "work units", [](const auto& s) { return s.mean_work_units; });
    print_row(out, "work CV", [](const auto& s) { return s.work_variation; });
    print_row(out, "work max", [](const auto& s) { return double{1} * s.max_work_units; });
    print_row(out, "announced", [](const auto& s) { return double(s.announced.size()); });
  }

  void print_announced(std::ostream& out) const {
    out << "\nannounced            known at s       begins at s        rises for s\n";
    for (const StreamStatistics& column : columns_) {
      for (const AnnouncedEvent& event : column.announced) {
        char text[128];
        std::snprintf(text, sizeof text, "%-14.14s  %16.3f  %16.3f  %16.3f\n", column.name.c_str(),
                      to_seconds(event.known), to_seconds(event.begin), to_seconds(event.rise));
        out << text;
      }
    }
  }

 private:
  using Cell = std::function<std::string(std::size_t, const StreamStatistics&)>;

  void print_line(std::ostream& out, const std::string& label, const Cell& cell) const {
    char text[64];
    std::snprintf(text, sizeof text, "%-18s", label.c_str());
    out << text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::snprintf(text, sizeof text, "  %16.16s", cell(i, columns_[i]).c_str());
      out << text;
    }
    out << '\n';
  }

  void print_row(std::ostream& out, const std::string& label,
                 const std::function<double(const StreamStatistics&)>& value) const {
    const double first = value(columns_.front());
    print_line(out, label, [&](std::size_t column, const StreamStatistics& statistics) {
      const double own = value(statistics);
      const bool compare = fit_ && column > 0 && first != 0;
      return format(own) + (compare ? " (x" + format(own / first).substr(0, 4) + ")" : "");
    });
  }

  // Windows that fit into none of the columns are left out.
  void print_window(std::ostream& out, const std::string& label, Duration window,
                    double WindowStatistics::*value) const {
    const WindowStatistics* first = find_window(columns_.front(), window);
    const auto fits = [window](const auto& s) { return find_window(s, window) != nullptr; };
    if (std::ranges::none_of(columns_, fits)) return;
    print_line(out, label, [&](std::size_t column, const StreamStatistics& statistics) {
      const WindowStatistics* own = find_window(statistics, window);
      if (own == nullptr) return std::string("-");
      const bool compare = fit_ && column > 0 && first != nullptr && first->*value > 0;
      return format(own->*value) +
             (compare ? " (x" + format(own->*value / (first->*value)).substr(0, 4) + ")" : "");
    });
  }

  std::vector<StreamStatistics> columns_;
  bool fit_;
};

StreamsRequest request_from(const po::variables_map& given) {
  StreamsRequest request;
  const auto value_of = [&given](const std::string& name, const std::string& example) {
    return OptionValue{name, given[name].as<std::string>(), example};
  };
  if (given.count("stream")) request.streams = given["stream"].as<std::vector<std::string>>();
  if (given.count("trace")) request.traces = given["trace"].as<std::vector<std::string>>();
  if (given.count("rate"))
    request.rate_per_s = number_of(value_of("rate", "1000"), "tasks per second,", kTasksPerSecond);
  if (given.count("duration"))
    request.duration = duration_of(value_of("duration", "60"), kStreamTime);
  if (given.count("time-scale"))
    request.time_scale = number_of(value_of("time-scale", "10"), "a factor", kTimeScale);
  if (given.count("seed")) request.seed = whole_number_of(value_of("seed", "1"), kSeed);
  request.fit = given.count("fit") > 0;
  request.announced = given.count("announced") > 0;
  if (request.fit && request.traces.empty()) {
    throw Error("weir streams has nothing to fit to", "--fit without --trace", "a trace file",
                "--trace FILE");
  }
  return request;
}

void warn_of_options_without_effect(const po::variables_map& given, const StreamsRequest& request) {
  const auto warn_if = [](bool without_effect, const char* text) {
    if (without_effect) std::cerr << "weir-streams: warning: " << text << std::endl;
  };
  warn_if(given.count("time-scale") && request.traces.empty(),
          "--time-scale has no effect without --trace");
  warn_if(request.fit && request.streams.empty(), "--fit has no effect without --stream");
  warn_if(given.count("rate") && request.streams.empty() && !request.traces.empty(),
          "--rate has no effect without --stream: traces have their own");
  warn_if(given.count("rate") && request.fit && !request.streams.empty(),
          "--rate has no effect with --fit, which takes the rate of the trace");
}

po::variables_map parse(const std::vector<std::string>& arguments) {
  try {
    const po::options_description options = described_options();
    po::variables_map given;
    po::store(po::command_line_parser(arguments).options(options).positional({}).run(), given);
    return given;
  } catch (const po::error& error) {
    throw Error("weir streams cannot use these options", words_of(error),
                "options of weir streams --help", "weir streams --help");
  }
}

}  // namespace

int streams_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const po::variables_map given = parse(arguments);
  if (given.contains("help")) {
    out << described_options();
    return 0;
  }
  StreamsRequest request = request_from(given);
  warn_of_options_without_effect(given, request);
  if (request.streams.empty() && request.traces.empty()) {
    for (const std::string_view name : stream_names()) request.streams.emplace_back(name);
  }

  std::vector<StreamStatistics> columns;
  for (const std::string& trace : request.traces) columns.push_back(measure_trace(trace, request));
  if (request.fit) {
    request.rate_per_s = columns.front().rate_per_s;
    request.duration = from_seconds(columns.front().span_s);
  }
  for (const std::string& stream : request.streams) {
    columns.push_back(measure_stream(stream, request));
  }
  Table table(std::move(columns), request.fit);
  table.print(out);
  if (request.announced) table.print_announced(out);
  return 0;
}

}  // namespace weir
