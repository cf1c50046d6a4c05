#include "jobs/streams/load_profile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr double kMostFactor = 1000;
constexpr double kMostSeconds = 1e7;

struct Point {
  double at_s = 0;
  double factor = 1;
};

[[noreturn]] void refuse(std::string_view profile, const std::string& problem,
                         const std::string& needed) {
  throw Error("a load profile cannot be used: " + problem, "\"" + std::string(profile) + "\"",
              needed, "0s:0.6,120s:0.95 for a step, 0s:1..10s:2 for a line");
}

// TIME:FACTOR
Point read_point(std::string_view text, std::string_view profile) {
  const auto problem = "\"" + std::string(text) + "\" is no point of it";
  const std::string needed =
      "TIME:FACTOR with a time of at most 1e7 s in s, ms, min or h, and a "
      "factor from 0 to 1000";
  Point point;
  const char* const end = text.data() + text.size();
  const auto time = std::from_chars(text.data(), end, point.at_s);
  const std::string_view rest(time.ptr, static_cast<std::size_t>(end - time.ptr));
  const auto colon = rest.find(':');
  if (time.ec != std::errc() || colon == std::string_view::npos) refuse(profile, problem, needed);
  const std::string_view unit = rest.substr(0, colon);
  point.at_s *= unit == "s" || unit.empty() ? 1
                : unit == "ms"              ? 1e-3
                : unit == "min"             ? 60
                : unit == "h"               ? 3600
                                            : -1;
  const auto factor = std::from_chars(rest.data() + colon + 1, end, point.factor);
  if (factor.ec != std::errc() || factor.ptr != end || std::signbit(point.at_s) ||
      !(point.at_s <= kMostSeconds) || !(point.factor >= 0 && point.factor <= kMostFactor)) {
    refuse(profile, problem, needed);
  }
  return point;
}

}  // namespace

LoadProfile LoadProfile::parse(std::string_view text) {
  LoadProfile profile;
  profile.pieces_.clear();
  std::string_view rest = text;
  bool on_a_line = false;
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    const auto dots = rest.find("..");
    const auto end = std::min(comma, dots);
    const Point point = read_point(rest.substr(0, end), text);
    if (!profile.pieces_.empty() && point.at_s <= profile.pieces_.back().start_s) {
      refuse(text, "it goes back in time", "times that grow from point to point");
    }
    if (on_a_line) profile.pieces_.back().to = point.factor;
    profile.pieces_.push_back({point.at_s, point.factor, point.factor, 0});
    more = end != std::string_view::npos;
    on_a_line = more && dots < comma;
    if (more) rest.remove_prefix(end + (on_a_line ? 2 : 1));
  }
  auto& pieces = profile.pieces_;
  if (pieces.front().start_s != 0) {
    refuse(text, "it does not say how it begins", "a first point at 0s");
  }
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const Piece& before = pieces[i - 1];
    pieces[i].nominal_start_s = before.nominal_start_s + (pieces[i].start_s - before.start_s) *
                                                             (before.from + before.to) / 2;
  }
  if (pieces.back().nominal_start_s == 0 && pieces.back().from == 0) {
    refuse(text, "there is no load in it", "a factor above 0 at some time");
  }
  return profile;
}

double LoadProfile::slope(std::size_t piece) const {
  if (piece + 1 == pieces_.size()) return 0;
  return (pieces_[piece].to - pieces_[piece].from) /
         (pieces_[piece + 1].start_s - pieces_[piece].start_s);
}

double LoadProfile::nominal_s(double time_s) const {
  const auto next = std::ranges::upper_bound(pieces_, time_s, {}, &Piece::start_s);
  const auto number = static_cast<std::size_t>(next - pieces_.begin()) - 1;
  const Piece& piece = pieces_[number];
  const double since_s = time_s - piece.start_s;
  return piece.nominal_start_s + since_s * (piece.from + slope(number) * since_s / 2);
}

double LoadProfile::time_s(double nominal_s) const {
  // The first piece that gets there; pieces without load are passed over.
  const auto next = std::ranges::lower_bound(pieces_.begin() + 1, pieces_.end(), nominal_s, {},
                                             &Piece::nominal_start_s);
  const auto number = static_cast<std::size_t>(next - pieces_.begin()) - 1;
  const Piece& piece = pieces_[number];
  const double wanted_s = nominal_s - piece.nominal_start_s;
  if (wanted_s <= 0) return piece.start_s;
  // since * (from + slope * since / 2) = wanted, solved so that a slope of zero is no exception.
  const double root =
      std::sqrt(std::max(0.0, piece.from * piece.from + 2 * slope(number) * wanted_s));
  const double speed = (piece.from + root) / 2;
  if (speed == 0) return std::numeric_limits<double>::infinity();
  return piece.start_s + wanted_s / speed;
}

}  // namespace weir
