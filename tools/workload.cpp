#include "tools/workload.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "jobs/kernels/kernel.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr Duration kDefaultDuration = std::chrono::seconds(10);
constexpr int kSampledTasksPerStream = 24;

std::vector<std::unique_ptr<Stream>> open_all(const RunOptions& options, double rate_per_s,
                                              double time_scale) {
  std::vector<std::unique_ptr<Stream>> streams;
  const auto count = static_cast<double>(options.streams.size());
  for (const std::string& name : options.streams) {
    streams.push_back(make_stream(name, {.rate_per_s = rate_per_s / count,
                                         .duration = options.duration.value_or(kDefaultDuration),
                                         .seed = options.seed + streams.size(),
                                         .work_scale = options.work_scale}));
  }
  for (const auto& path : options.traces) {
    streams.push_back(open_trace(path, {.time_scale = time_scale,
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

Workload make_workload(const RunOptions& options, double capacity_per_s) {
  if (!options.streams.empty() && !options.traces.empty() && options.load) {
    throw Error("a load cannot be set for streams and traces together",
                "--load, --stream and --trace", "a load for either streams or traces",
                "--rate and --time-scale instead of --load");
  }
  const double rate = options.load ? *options.load * capacity_per_s : options.rate_per_s;
  auto streams = open_all(options, rate, options.time_scale);
  if (options.load && !options.traces.empty()) {
    const double scale = options.time_scale * rate / total_rate(streams);
    streams = open_all(options, rate, scale);
  }
  Workload work;
  work.rate_per_s = total_rate(streams);
  const auto kernels = kernel_names();
  for (auto& stream : streams) {
    const auto kernel = std::ranges::find(kernels, stream->kernel()) - kernels.begin();
    const StreamId id(static_cast<std::uint16_t>(work.names.size()));
    work.names.push_back(unused_name(stream->name(), work.names));
    work.streams.push_back({std::move(stream), id, ClassId(static_cast<std::uint8_t>(kernel)),
                            KindId(static_cast<std::uint16_t>(kernel))});
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
