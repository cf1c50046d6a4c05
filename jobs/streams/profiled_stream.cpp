#include "jobs/streams/profiled_stream.hpp"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// A time that far away never comes.
constexpr double kEndOfTimeS = 9e9;

}  // namespace

ProfiledStream::ProfiledStream(std::unique_ptr<Stream> tasks, LoadProfile profile,
                               std::optional<Duration> duration)
    : tasks_(std::move(tasks)), profile_(std::move(profile)) {
  if (duration) duration_s_ = to_seconds(*duration);
}

bool ProfiledStream::next(Arrival& arrival) {
  if (!tasks_->next(arrival)) return false;
  const double at_s = profile_.time_s(to_seconds(arrival.at));
  if (at_s >= duration_s_.value_or(kEndOfTimeS)) return false;
  arrival.at = from_seconds(at_s);
  return true;
}

std::optional<AnnouncedEvent> ProfiledStream::next_announced(Duration now) {
  const auto moved = [this](Duration nominal) {
    return from_seconds(std::min(profile_.time_s(to_seconds(nominal)), kEndOfTimeS));
  };
  auto event = tasks_->next_announced(from_seconds(profile_.nominal_s(to_seconds(now))));
  if (!event) return std::nullopt;
  const Duration end = moved(event->begin + event->rise);
  return AnnouncedEvent{.known = moved(event->known),
                        .begin = moved(event->begin),
                        .rise = end - moved(event->begin)};
}

double ProfiledStream::mean_rate_per_s() const {
  const double factor =
      duration_s_ ? profile_.nominal_s(*duration_s_) / *duration_s_ : profile_.last_factor();
  return factor * tasks_->mean_rate_per_s();
}

}  // namespace weir
