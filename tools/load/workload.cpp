#include "tools/load/workload.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "jobs/kernels/kernel.hpp"
#include "jobs/streams/profiled_stream.hpp"
#include "runtime/base/error.hpp"
#include "runtime/exec/service_model.hpp"

namespace weir {
namespace {

constexpr Duration kDefaultDuration = std::chrono::seconds(10);
// Of Arrival::work_units.
constexpr Duration kWorkUnit = std::chrono::microseconds(10);
constexpr int kMostScalings = 12;
constexpr double kRateTolerance = 1e-3;
constexpr int kSampledTasksPerStream = 24;

// "finance" of "finance:hawkes": a stream's class goes by the name of its kernel.
std::string class_of(const std::string& stream) { return stream.substr(0, stream.find(':')); }

const std::string* profile_of(const RunOptions& options, const std::string& class_name) {
  for (const std::string& name : {class_name, std::string()}) {
    const auto found = options.loads.profiles.find(name);
    if (found != options.loads.profiles.end()) return &found->second;
  }
  return nullptr;
}

// How long a stream lasts in its nominal time, so that its profile makes it last for `duration`.
Duration nominal_duration(const std::string* profile, Duration duration) {
  if (profile == nullptr) return duration;
  const double nominal_s = LoadProfile::parse(*profile).nominal_s(to_seconds(duration));
  if (nominal_s > 0) return from_seconds(nominal_s);
  throw Error("a load profile leaves nothing to do", "\"" + *profile + "\"",
              "a factor above 0 before " + std::to_string(to_seconds(duration)) + " s",
              "a longer duration");
}

// Of the rate of all streams, by position: what --share says, and an equal part of the rest.
std::vector<double> shares_of(const RunOptions& options) {
  std::map<std::string, int> count;
  for (const std::string& name : options.streams) ++count[class_of(name)];
  double rest = 1;
  auto unnamed = static_cast<double>(options.streams.size());
  for (const auto& [name, share] : options.loads.shares) {
    rest -= share;
    if (!options.streams.empty() && !count.contains(name)) {
      throw Error("a class without a stream has a share", "--share " + name + "=...",
                  "classes of the streams that run", "--stream " + name);
    }
    unnamed -= count[name];
  }
  constexpr double kRounding = 1e-6;
  if (unnamed > 0 ? rest < kRounding : !options.streams.empty() && std::abs(rest) > kRounding) {
    throw Error("the shares of the classes do not fit together",
                "shares that sum to " + std::to_string(1 - rest),
                unnamed > 0 ? "a sum below 1, for other streams have the rest" : "a sum of 1",
                "--share finance=0.5 --share social=0.3 --share iot=0.2");
  }
  std::vector<double> shares;
  for (const std::string& name : options.streams) {
    const auto named = options.loads.shares.find(class_of(name));
    shares.push_back(named == options.loads.shares.end() ? rest / unnamed
                                                         : named->second / count[class_of(name)]);
  }
  return shares;
}

std::unique_ptr<Stream> open_trace_of(const RunOptions& options, const std::filesystem::path& name,
                                      TraceOptions how) {
  const std::filesystem::path path = trace_path(options, name);
  auto stream = open_trace(path, how);
  const std::string* profile = profile_of(options, std::string(stream->kernel()));
  if (profile == nullptr || !how.duration) return stream;
  how.duration = nominal_duration(profile, *how.duration);
  return open_trace(path, how);
}

// At their nominal rates: without profiles.
std::vector<std::unique_ptr<Stream>> open_all(const RunOptions& options, double rate_per_s,
                                              double time_scale) {
  std::vector<std::unique_ptr<Stream>> streams;
  const std::vector<double> shares = shares_of(options);
  for (const std::string& name : options.streams) {
    const Duration duration = options.duration.value_or(kDefaultDuration);
    streams.push_back(make_stream(
        name, {.rate_per_s = rate_per_s * shares[streams.size()],
               .duration = nominal_duration(profile_of(options, class_of(name)), duration),
               .seed = options.seed + streams.size(),
               .work_scale = options.work_scale}));
  }
  for (const auto& path : options.traces) {
    streams.push_back(open_trace_of(options, path,
                                    {.time_scale = time_scale,
                                     .duration = options.duration,
                                     .seed = options.seed + streams.size(),
                                     .work_scale = options.work_scale}));
  }
  return streams;
}

double total_rate(const std::vector<std::unique_ptr<Stream>>& streams) {
  double sum = 0;
  for (const auto& stream : streams) sum += stream->mean_rate_per_s();
  return sum;
}

// The time scale at which traces have this rate, nearly. The rate is that of the part that is
// replayed, which the scale decides; it grows with the scale, in steps where many tasks come at
// once. So the scale is corrected in proportion, and halved between two bounds where that leaves
// them.
double scale_for(const RunOptions& options, double rate) {
  double below = 0;
  double above = std::numeric_limits<double>::infinity();
  double best = options.time_scale;
  double least_error = std::numeric_limits<double>::infinity();
  double scale = options.time_scale;
  for (int i = 0; i < kMostScalings && least_error > kRateTolerance; ++i) {
    const double found = total_rate(open_all(options, rate, scale));
    if (const double error = std::abs(found / rate - 1); error < least_error) {
      least_error = error;
      best = scale;
    }
    (found < rate ? below : above) = scale;
    scale *= rate / found;
    if (scale <= below || scale >= above) scale = std::sqrt(below * above);
  }
  return best;
}

void add_profiles(const RunOptions& options, std::vector<std::unique_ptr<Stream>>& streams) {
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const std::string* profile = profile_of(options, std::string(streams[i]->kernel()));
    if (profile == nullptr) continue;
    const bool made = i < options.streams.size();
    const auto duration = made ? options.duration.value_or(kDefaultDuration) : options.duration;
    streams[i] = std::make_unique<ProfiledStream>(std::move(streams[i]),
                                                  LoadProfile::parse(*profile), duration);
  }
}

// What tasks say of their work: the true size where work is emulated, else what streams say.
std::function<Duration(TaskId, const Arrival&)> cost_hint_of(const RunOptions& options) {
  if (!options.loads.size_hints) return {};
  if (options.emulate.empty()) {
    return [](TaskId, const Arrival& arrival) { return arrival.work_units * kWorkUnit; };
  }
  const EmulationSpec spec = EmulationSpec::parse(options.emulate);
  return
      [size = spec.size, mean_s = spec.mean_work_s * options.work_scale, seed = options.seed](
          TaskId id, const Arrival&) { return from_seconds(mean_s * task_size(size, seed, id)); };
}

template <typename Value>
Value value_or_none(const std::map<std::string, Value>& by_class, std::string_view name) {
  const auto found = by_class.find(std::string(name));
  return found == by_class.end() ? Value{} : found->second;
}

// A stream given twice gets "#2" behind its name, so that digests have names of their own.
std::string unused_name(std::string_view name, const std::vector<std::string>& used) {
  std::string candidate(name);
  for (int i = 2; std::ranges::find(used, candidate) != used.end(); ++i) {
    candidate = std::string(name) + "#" + std::to_string(i);
  }
  return candidate;
}

}  // namespace

KindTable kernel_kinds() {
  KindTable kinds;
  for (const std::string_view name : kernel_names()) {
    const KernelFunction kernel = find_kernel(name);
    kinds.add(std::string(name), [kernel](TaskContext&, const Payload& payload, Bytes& result) {
      kernel(payload.bytes(), result);
    });
  }
  return kinds;
}

std::vector<std::string> kernel_class_names() {
  std::vector<std::string> names;
  for (const std::string_view name : kernel_names()) names.emplace_back(name);
  return names;
}

std::filesystem::path trace_path(const RunOptions& options, const std::filesystem::path& name) {
  std::error_code none;
  const bool is_here = options.traces_folder.empty() &&
                       (options.more_traces.empty() || std::filesystem::exists(name, none));
  std::filesystem::path path = name;
  if (!name.is_absolute() && !is_here) {
    path = (options.traces_folder.empty() ? options.more_traces : options.traces_folder) / name;
  }
  if (std::filesystem::exists(path, none)) return path;
  throw Error("a trace is not there", path.string() + ": no such file",
              "the trace " + name.string(),
              "--traces-folder with the folder of your traces, or its name in WEIR_TRACES_DIR");
}

Workload make_workload(const RunOptions& options, double capacity_per_s) {
  if (!options.streams.empty() && !options.traces.empty() && options.load) {
    throw Error("a load cannot be set for streams and traces together",
                "--load, --stream and --trace", "a load for either streams or traces",
                "--rate and --time-scale instead of --load");
  }
  const double rate = options.load ? *options.load * capacity_per_s : options.rate_per_s;
  const bool scaled = options.load && !options.traces.empty();
  auto streams = open_all(options, rate, scaled ? scale_for(options, rate) : options.time_scale);
  add_profiles(options, streams);
  Workload work;
  work.rate_per_s = total_rate(streams);
  const auto cost_hint = cost_hint_of(options);
  const auto kernels = kernel_names();
  for (auto& stream : streams) {
    const auto kernel = std::ranges::find(kernels, stream->kernel()) - kernels.begin();
    const StreamId id(static_cast<std::uint16_t>(work.names.size()));
    work.names.push_back(unused_name(stream->name(), work.names));
    const std::string_view name = kernels[static_cast<std::size_t>(kernel)];
    work.streams.push_back(
        {.stream = std::move(stream),
         .id = id,
         .task_class = ClassId(static_cast<std::uint8_t>(kernel)),
         .kind = KindId(static_cast<std::uint16_t>(kernel)),
         .priority = static_cast<std::uint8_t>(value_or_none(options.loads.priorities, name)),
         .deadline = value_or_none(options.loads.deadlines, name),
         .cost_hint = cost_hint});
  }
  return work;
}

double measured_mean_service_s(const RunOptions& options) {
  using Clock = std::chrono::steady_clock;
  auto streams = open_all(options, options.rate_per_s, options.time_scale);
  double weighted_s = 0;
  for (auto& stream : streams) {
    const KernelFunction kernel = find_kernel(stream->kernel());
    double sum_s = 0;
    int count = 0;
    Arrival arrival{};
    for (; count < kSampledTasksPerStream && stream->next(arrival); ++count) {
      Bytes payload;
      Bytes result;
      stream->append_payload(payload);
      const auto began = Clock::now();
      kernel(payload, result);
      sum_s += std::chrono::duration<double>(Clock::now() - began).count();
    }
    if (count > 0) weighted_s += sum_s / count * stream->mean_rate_per_s();
  }
  return weighted_s / std::max(total_rate(streams), 1e-9);
}

}  // namespace weir
