// Messages of an exchange: clusters of messages, the clusters a Hawkes process (A. Hawkes, "Spectra
// of some self-exciting and mutually exciting point processes", 1971) whose kernel is a sum of
// exponentials. Several decay times make the counts over-dispersed on all of the scales from a
// millisecond to ten seconds, as market data are; clusters give the many messages that one event
// of the exchange sends at once.

#pragma once

#include <array>
#include <string>

#include "jobs/stream.hpp"
#include "jobs/streams/zipf.hpp"
#include "runtime/base/random.hpp"

namespace weir {

class FinanceStream final : public Stream {
 public:
  static constexpr std::size_t kMaxTerms = 4;

  // Throws Error for options out of range.
  FinanceStream(std::string name, const FinanceOptions& shape, const StreamOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return "finance"; }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override;
  double mean_rate_per_s() const override { return rate_per_s_; }

 private:
  double immigrant_rate(double at_s) const;
  void start_cluster();
  std::uint32_t draw_cluster_size();
  void prepare_message();
  std::uint32_t draw_levels();

  std::string name_;
  FinanceOptions shape_;
  double rate_per_s_;
  double duration_s_;
  std::uint64_t seed_;
  double work_scale_;
  Random random_;
  Zipf instruments_;
  double cluster_cut_;  // Where the law of the cluster sizes is cut off, as a share.
  double cluster_gap_s_;
  double depth_period_s_;       // Infinite where depth messages are not regular.
  double base_rate_per_s_ = 0;  // Of clusters that no other cluster caused.

  // The Hawkes process: its time, and what each term adds to the rate at that time.
  double cluster_at_s_ = 0;
  std::array<double, kMaxTerms> excitation_{};
  std::uint32_t left_in_cluster_ = 0;
  std::uint64_t cluster_key_ = 0;

  double message_at_s_ = 0;  // The next message of a cluster.
  double depth_at_s_ = 0;    // The next regular depth message.
  std::uint32_t levels_ = 1;
  std::uint64_t index_ = 0;
  Arrival last_{};
};

}  // namespace weir
