// A stream is a sequence of tasks to be: when each is due, and what it works on. Every rank runs
// the whole stream and keeps its share of the tasks, so that no rank has to hand out work.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// One task to be.
struct Arrival {
  Duration at;  // When it is due, in stream time. Never negative.
  std::uint64_t index;
  std::uint64_t key;         // What it is about: an instrument, a user, a sensor.
  std::uint32_t work_units;  // About 10 us each on one core. At least 1.
};

// A sudden rise of the rate that is known of before it comes, as a match or a sale is. In stream
// time.
struct AnnouncedEvent {
  Duration known;  // when it is announced
  Duration begin;  // of the rise
  Duration rise;   // how long the rate grows
};

// Single-threaded, and deterministic in its options, its seed and its file. next() costs less than
// about 200 ns and does not allocate; append_payload() costs microseconds.
class Stream {
 public:
  virtual ~Stream() = default;

  // The name it was made by, or the stem of the trace file.
  virtual std::string_view name() const = 0;

  // Which kernel its tasks run: "finance", "social" or "iot".
  virtual std::string_view kernel() const = 0;

  // The next arrival, or false at the end. `at` never decreases; indices count from 0.
  virtual bool next(Arrival& arrival) = 0;

  // Appends the payload of the arrival that next() gave last: a self-contained window for the
  // kernel. Depends on the options, the seed and the index only, and does not change what comes
  // later, so that it may be asked for or not.
  virtual void append_payload(Bytes& out) = 0;

  // Arrivals per second of stream time in the long run.
  virtual double mean_rate_per_s() const = 0;

  // The next event that is announced at `now` or before, each once and in the order in which they
  // begin; nothing where no other one is. `now` never decreases. What a forecast may know: it does
  // not depend on next(), and later events do not change it.
  virtual std::optional<AnnouncedEvent> next_announced(Duration /*now*/) { return std::nullopt; }
};

// One exponential of a Hawkes kernel: an arrival causes `branching_ratio` others on average, after
// exponential times of mean 1 / `decay_per_s`.
struct HawkesTerm {
  double branching_ratio;
  double decay_per_s;
};

// Messages of one exchange. Messages come in clusters (one trade moves several quotes); clusters
// excite each other. Defaults: fitted to binance_usdm_btcusdt_20240808 (see jobs/README.md).
struct FinanceOptions {
  // The ratios add up to less than 1.
  std::vector<HawkesTerm> excitation = {{0.32, 200}, {0.18, 110}, {0.43, 11.2}};
  // Cluster sizes follow a Pareto law of this exponent from 1 to `max_cluster`, rounded down.
  double cluster_exponent = 1.43;
  std::uint32_t max_cluster = 650;  // 1: no clusters.
  // Mean gap inside a cluster, in seconds.
  double cluster_gap_s = 1.1e-5;
  // The stream opens with `opening_factor` times its immigrant rate, which decays to the normal
  // one with this time constant. 1: no opening burst.
  double opening_factor = 1;
  double opening_decay_s = 10;
  // This share of the messages are depth messages: they list lognormally many price levels, cut off
  // at `max_levels`; other messages have one. Exchanges send them at regular times, whatever
  // happens; otherwise they are any messages of the clusters.
  double depth_share = 0.07;
  bool regular_depth = true;
  double median_levels = 34;
  double sigma_levels = 1.15;
  std::uint32_t max_levels = 1226;
  std::uint32_t instruments = 64;
  double zipf_exponent = 1;
};

// Posts of a social network: a Poisson process whose rate follows a day, bursts and flash crowds.
// Defaults: fitted to twitter_stream_persec_days0-4, its time compressed 144 times.
struct SocialOptions {
  double day_s = 600;
  double day_amplitude = 0.4;
  // Short bursts (deliveries in batches): `burst_factor` times the rate for burst_length_s, the
  // pause between two of them uniform in [min, max].
  double burst_factor = 3;
  double burst_length_s = 4.2;
  double burst_pause_min_s = 25;
  double burst_pause_max_s = 60;
  // Flash crowds: a linear rise to crowd_factor times the rate, then an exponential decay.
  double crowd_factor = 2;
  double crowd_interval_s = 600;  // Mean time from one to the next.
  double crowd_rise_min_s = 10;
  double crowd_rise_max_s = 20;
  double crowd_decay_s = 15;
  // This share of the crowds is announced, so long before the rise begins: a forecast for all of
  // its horizons but the longest can use it.
  double announced_share = 0.5;
  double announced_lead_s = 30;
  std::uint32_t users = 10'000;
  double zipf_exponent = 1;
};

// A group of sensors that report with one period.
struct SensorGroup {
  double period_s;
  double share_of_rate;  // The shares add up to 1.
};

// Sensors with fixed periods. The number of sensors follows from the rate. Defaults: those of the
// scenarios; the preset "iot:phones" is fitted to a trace (see jobs/README.md).
struct IotOptions {
  std::vector<SensorGroup> groups = {{1, 0.6}, {5, 0.25}, {60, 0.15}};
  double jitter = 0.05;        // Each report shifts by up to this share of the period, either way.
  double in_step_share = 0.2;  // These sensors of a group report together, the others at any time.
  double delay_mean_s = 0;     // Of the network, lognormal; 0: none.
  double delay_sigma = 0.75;   // Of the logarithm.
  double delay_max_s = 5;
  std::uint32_t window_samples = 256;
};

struct StreamOptions {
  double rate_per_s = 1000;
  Duration duration = std::chrono::seconds(60);
  std::uint64_t seed = 1;
  double work_scale = 1;  // Multiplies the work of every task.
  // Unset: what the preset says.
  std::optional<FinanceOptions> finance;
  std::optional<SocialOptions> social;
  std::optional<IotOptions> iot;
};

// The names make_stream knows, "finance" first. "NAME:PRESET" is a NAME with other parameters.
std::vector<std::string_view> stream_names();

// Throws Error for an unknown name and for options out of range.
std::unique_ptr<Stream> make_stream(std::string_view name, const StreamOptions& options);

struct TraceOptions {
  double time_scale = 1;             // 10: ten times faster.
  std::optional<Duration> duration;  // In stream time; unset: the whole file.
  std::uint64_t seed = 1;            // For what the file does not say: times inside a bin, texts.
  double work_scale = 1;
};

// Replays a CSV or CSV.gz file; the first arrival is at 0. Reads the whole file at once, into about
// 24 bytes per row. Throws Error with the file and the line for what it cannot read.
std::unique_ptr<Stream> open_trace(const std::filesystem::path& file, const TraceOptions& options);

}  // namespace weir
