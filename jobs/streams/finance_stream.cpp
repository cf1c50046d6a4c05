#include "jobs/streams/finance_stream.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "jobs/streams/synthetic_windows.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

// A message of one level takes 20 units, about 0.2 ms; a depth message of 600 levels about 2 ms.
constexpr double kMessageUnits = 20;
constexpr double kUnitsPerLevel = 0.3;
constexpr std::uint32_t kMinUpdates = 16;
constexpr std::uint32_t kMaxUpdates = 500;
constexpr std::uint32_t kLargestCluster = 100'000;

double branching_ratio(const FinanceOptions& shape) {
  double sum = 0;
  for (const HawkesTerm& term : shape.excitation) sum += term.branching_ratio;
  return sum;
}

// The chance that a Pareto law without an end gives more than the largest cluster.
double cut_share(const FinanceOptions& shape) {
  return std::pow(shape.max_cluster + 1.0, -shape.cluster_exponent);
}

double mean_cluster_size(const FinanceOptions& shape) {
  const double cut = cut_share(shape);
  double mean = 0;
  for (std::uint32_t size = 1; size <= shape.max_cluster; ++size) {
    // The share of clusters that are at least this large.
    mean += (std::pow(size, -shape.cluster_exponent) - cut) / (1 - cut);
  }
  return mean;
}

double regular_depth_share(const FinanceOptions& shape) {
  return shape.regular_depth ? shape.depth_share : 0;
}

void check(const FinanceOptions& shape) {
  const auto refuse = [](const std::string& found, const std::string& needed) {
    throw Error("the finance stream cannot have this shape", found, needed,
                "the defaults of FinanceOptions");
  };
  if (shape.excitation.size() > FinanceStream::kMaxTerms) {
    refuse(std::to_string(shape.excitation.size()) + " terms of excitation",
           "at most " + std::to_string(FinanceStream::kMaxTerms));
  }
  for (const HawkesTerm& term : shape.excitation) {
    if (!(term.branching_ratio >= 0 && term.decay_per_s > 0)) {
      refuse("branching ratio " + std::to_string(term.branching_ratio) + ", decay " +
                 std::to_string(term.decay_per_s) + "/s",
             "a ratio of at least 0 and a positive decay");
    }
  }
  if (branching_ratio(shape) >= 1) {
    refuse("branching ratios that sum to " + std::to_string(branching_ratio(shape)),
           "less than 1: otherwise the stream explodes");
  }
  if (!(shape.cluster_exponent > 0 && shape.cluster_gap_s >= 0) || shape.max_cluster == 0 ||
      shape.max_cluster > kLargestCluster) {
    refuse("clusters of up to " + std::to_string(shape.max_cluster) + " messages",
           "1 to " + std::to_string(kLargestCluster) + ", a positive exponent, no negative gap");
  }
  if (!(shape.opening_factor >= 1 && shape.opening_decay_s > 0)) {
    refuse("opening factor " + std::to_string(shape.opening_factor), "at least 1");
  }
  if (shape.instruments == 0 || shape.max_levels == 0 ||
      !(shape.depth_share >= 0 && shape.depth_share <= 1 && shape.median_levels > 0)) {
    refuse("no instruments, no levels or a share out of range", "positive numbers");
  }
}

}  // namespace

FinanceStream::FinanceStream(std::string name, const FinanceOptions& shape,
                             const StreamOptions& options)
    : name_(std::move(name)),
      shape_((check(shape), shape)),
      rate_per_s_(options.rate_per_s),
      duration_s_(to_seconds(options.duration)),
      seed_(options.seed),
      work_scale_(options.work_scale),
      random_(options.seed, 0xf1),
      instruments_(shape.instruments, shape.zipf_exponent),
      cluster_cut_(cut_share(shape)),
      // At high rates the gap shrinks, or clusters would queue up behind each other.
      cluster_gap_s_(std::min(shape.cluster_gap_s, 0.2 / options.rate_per_s)),
      depth_period_s_(regular_depth_share(shape) > 0
                          ? 1 / (regular_depth_share(shape) * options.rate_per_s)
                          : std::numeric_limits<double>::infinity()) {
  const double cluster_rate_per_s =
      rate_per_s_ * (1 - regular_depth_share(shape_)) / mean_cluster_size(shape_);
  base_rate_per_s_ = cluster_rate_per_s * (1 - branching_ratio(shape_));
  // Started in equilibrium.
  for (std::size_t k = 0; k < shape_.excitation.size(); ++k) {
    excitation_[k] = shape_.excitation[k].branching_ratio * cluster_rate_per_s;
  }
  depth_at_s_ = depth_period_s_ * random_.uniform();
  if (base_rate_per_s_ > 0) {
    prepare_message();
  } else {
    message_at_s_ = std::numeric_limits<double>::infinity();
  }
}

double FinanceStream::immigrant_rate(double at_s) const {
  if (shape_.opening_factor == 1) return base_rate_per_s_;
  const double extra = (shape_.opening_factor - 1) * std::exp(-at_s / shape_.opening_decay_s);
  return base_rate_per_s_ * (1 + extra);
}

// Ogata's thinning: between clusters the rate only falls, so its present value bounds it.
void FinanceStream::start_cluster() {
  double rate = immigrant_rate(cluster_at_s_);
  for (const double part : excitation_) rate += part;
  for (;;) {
    const double bound = rate;
    const double wait_s = random_.exponential(1 / bound);
    cluster_at_s_ += wait_s;
    rate = immigrant_rate(cluster_at_s_);
    for (std::size_t k = 0; k < shape_.excitation.size(); ++k) {
      excitation_[k] *= std::exp(-shape_.excitation[k].decay_per_s * wait_s);
      rate += excitation_[k];
    }
    if (random_.uniform() * bound < rate) break;
  }
  for (std::size_t k = 0; k < shape_.excitation.size(); ++k) {
    excitation_[k] += shape_.excitation[k].branching_ratio * shape_.excitation[k].decay_per_s;
  }
}

std::uint32_t FinanceStream::draw_cluster_size() {
  if (shape_.max_cluster == 1) return 1;
  const double share = cluster_cut_ + (1 - cluster_cut_) * (1 - random_.uniform());
  return static_cast<std::uint32_t>(std::pow(share, -1 / shape_.cluster_exponent));
}

std::uint32_t FinanceStream::draw_levels() {
  const double levels = shape_.median_levels * std::exp(shape_.sigma_levels * random_.normal());
  return static_cast<std::uint32_t>(
      std::clamp(levels, 1.0, static_cast<double>(shape_.max_levels)));
}

void FinanceStream::prepare_message() {
  if (left_in_cluster_ > 0) {
    --left_in_cluster_;
    message_at_s_ += random_.exponential(cluster_gap_s_);
    return;
  }
  start_cluster();
  left_in_cluster_ = draw_cluster_size() - 1;
  cluster_key_ = instruments_.draw(random_);
  message_at_s_ = std::max(message_at_s_, cluster_at_s_);
}

bool FinanceStream::next(Arrival& arrival) {
  const bool regular = depth_at_s_ <= message_at_s_;
  const double at_s = regular ? depth_at_s_ : message_at_s_;
  if (at_s >= duration_s_) return false;

  last_.at = from_seconds(at_s);
  last_.index = index_++;
  last_.key = regular ? instruments_.draw(random_) : cluster_key_;
  const bool depth = shape_.regular_depth ? regular : random_.uniform() < shape_.depth_share;
  levels_ = depth ? draw_levels() : 1;
  last_.work_units = scaled_work(kMessageUnits + kUnitsPerLevel * (levels_ - 1), work_scale_);
  arrival = last_;

  if (regular) {
    depth_at_s_ += depth_period_s_;
  } else {
    prepare_message();
  }
  return true;
}

void FinanceStream::append_payload(Bytes& out) {
  Random random = payload_random(seed_, last_.index);
  BookShape book;
  book.until = last_.at;
  book.updates = std::min(kMinUpdates + levels_ - 1, kMaxUpdates);
  encode(make_book_window(random, last_.key, book, last_.work_units), out);
}

}  // namespace weir
