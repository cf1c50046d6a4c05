#include <string>

#include "jobs/stream.hpp"
#include "jobs/streams/finance_stream.hpp"
#include "jobs/streams/iot_stream.hpp"
#include "jobs/streams/poisson_times.hpp"
#include "jobs/streams/social_stream.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr std::string_view kPoissonPreset = ":poisson";
constexpr Duration kSpareTime = std::chrono::minutes(10);

// One Hawkes term of n = 0.8, beta = 2/s and no clusters: index of dispersion 25 in long windows.
FinanceOptions hawkes_finance() {
  FinanceOptions shape;
  shape.excitation = {{0.8, 2.0}};
  shape.max_cluster = 1;
  shape.regular_depth = false;
  return shape;
}

// The same, opening like a market: four times its rate, calming down within half a minute.
FinanceOptions opening_finance() {
  FinanceOptions shape = hawkes_finance();
  shape.opening_factor = 4;
  return shape;
}

// Flash crowds every minute and a half on average, and none of the short bursts.
SocialOptions crowded_social() {
  SocialOptions shape;
  shape.burst_factor = 1;
  shape.crowd_interval_s = 90;
  return shape;
}

// Phones that send every 0.5 s over a mobile network: fitted to iot_http_umts_d2.
IotOptions phone_iot() {
  IotOptions shape;
  shape.groups = {{0.5, 1.0}};
  shape.jitter = 0.02;
  shape.in_step_share = 0;
  shape.delay_mean_s = 0.132;
  shape.delay_sigma = 1;
  return shape;
}

void check(const StreamOptions& options) {
  const auto refuse = [](std::string found, std::string needed, std::string try_this) {
    throw Error("a stream cannot have these options", std::move(found), std::move(needed),
                std::move(try_this));
  };
  if (!(options.rate_per_s > 0 && options.rate_per_s <= 1e8)) {
    refuse("a rate of " + std::to_string(options.rate_per_s) + "/s", "above 0, up to 1e8/s",
           "a rate of 1000/s");
  }
  if (options.duration <= Duration::zero()) {
    refuse("a duration of " + std::to_string(to_seconds(options.duration)) + " s",
           "a positive duration", "60 s");
  }
  if (!(options.work_scale > 0 && options.work_scale <= 1e4)) {
    refuse("a work scale of " + std::to_string(options.work_scale), "above 0, up to 1e4", "1");
  }
}

}  // namespace

std::vector<std::string_view> stream_names() {
  return {"finance",    "finance:hawkes", "finance:opening", "finance:poisson",
          "social",     "social:crowds",  "social:poisson",  "iot",
          "iot:phones", "iot:poisson"};
}

std::unique_ptr<Stream> make_stream(std::string_view name, const StreamOptions& options) {
  check(options);
  const std::string own_name(name);
  if (name.ends_with(kPoissonPreset)) {
    // However its own times fall, it has more tasks than a Poisson process of half its length.
    StreamOptions longer = options;
    longer.duration = 2 * options.duration + kSpareTime;
    const auto kernel = name.substr(0, name.size() - kPoissonPreset.size());
    return std::make_unique<PoissonTimes>(own_name, make_stream(kernel, longer), options);
  }
  const auto finance = [&](const FinanceOptions& preset) {
    return std::make_unique<FinanceStream>(own_name, options.finance.value_or(preset), options);
  };
  const auto social = [&](const SocialOptions& preset) {
    return std::make_unique<SocialStream>(own_name, options.social.value_or(preset), options);
  };
  const auto iot = [&](const IotOptions& preset) {
    return std::make_unique<IotStream>(own_name, options.iot.value_or(preset), options);
  };
  if (name == "finance") return finance({});
  if (name == "finance:hawkes") return finance(hawkes_finance());
  if (name == "finance:opening") return finance(opening_finance());
  if (name == "social") return social({});
  if (name == "social:crowds") return social(crowded_social());
  if (name == "iot") return iot({});
  if (name == "iot:phones") return iot(phone_iot());

  std::string known;
  for (const std::string_view known_name : stream_names()) {
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  throw Error("there is no such stream", "'" + own_name + "'", "one of " + known,
              "a name from that list, or --trace FILE to replay a file");
}

}  // namespace weir
