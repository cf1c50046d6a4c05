// A stream whose rate follows a load profile.

#pragma once

#include <memory>
#include <optional>

#include "jobs/stream.hpp"
#include "jobs/streams/load_profile.hpp"

namespace weir {

class ProfiledStream final : public Stream {
 public:
  // `tasks` lasts for profile.nominal_s(duration); without a duration, as long as it likes.
  ProfiledStream(std::unique_ptr<Stream> tasks, LoadProfile profile,
                 std::optional<Duration> duration);

  std::string_view name() const override { return tasks_->name(); }
  std::string_view kernel() const override { return tasks_->kernel(); }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override { tasks_->append_payload(out); }
  std::optional<AnnouncedEvent> next_announced(Duration now) override;
  // Over the duration; without one, what it is in the end.
  double mean_rate_per_s() const override;

 private:
  std::unique_ptr<Stream> tasks_;
  LoadProfile profile_;
  std::optional<double> duration_s_;
};

}  // namespace weir
