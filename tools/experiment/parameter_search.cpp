#include "tools/experiment/parameter_search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr double kFirstStep = 0.15;  // of a parameter's range
constexpr double kLeastStep = 0.01;

class Search {
 public:
  Search(const std::vector<PolicyParameter>& parameters, const SearchOptions& options,
         const CandidateCosts& costs)
      : parameters_(parameters), options_(options), costs_(costs), random_(options.seed) {}

  std::optional<FoundParameters> run() {
    ParameterPoint standard;
    for (const PolicyParameter& parameter : parameters_) standard.push_back(parameter.standard);
    // The standard values are judged on every seed, before all others.
    for (int seed = 0; seed < options_.seed_count; ++seed) {
      if (!evaluate({standard}, seed)) return std::nullopt;
    }
    best_ = standard;
    if (!explore() || !refine()) return std::nullopt;
    return FoundParameters{.best = best_,
                           .cost = mean_cost(best_),
                           .standard_cost = mean_cost(standard),
                           .runs = runs_};
  }

 private:
  double mean_cost(const ParameterPoint& point) const {
    const auto& known = known_.at(point);
    return std::accumulate(known.begin(), known.end(), 0.0) / static_cast<double>(known.size());
  }

  // What is known of a point is not computed again. False: stop.
  bool evaluate(const std::vector<ParameterPoint>& points, int seed) {
    std::vector<ParameterPoint> unknown;
    for (const ParameterPoint& point : points) {
      if (known_[point].size() <= static_cast<std::size_t>(seed)) unknown.push_back(point);
    }
    if (unknown.empty()) return true;
    const auto costs = costs_(unknown, seed);
    if (!costs) return false;
    for (std::size_t i = 0; i < unknown.size(); ++i) known_[unknown[i]].push_back((*costs)[i]);
    runs_ += static_cast<int>(unknown.size());
    return true;
  }

  double in_range(double value, const PolicyParameter& parameter) const {
    const double bounded = std::clamp(value, parameter.least, parameter.most);
    return parameter.whole ? std::round(bounded) : bounded;
  }

  // One candidate in each of `count` slices of every parameter.
  std::vector<ParameterPoint> hypercube(std::size_t count) {
    std::vector<ParameterPoint> points(count, ParameterPoint(parameters_.size()));
    std::vector<std::size_t> slices(count);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      std::iota(slices.begin(), slices.end(), std::size_t{0});
      for (std::size_t j = count - 1; j > 0; --j)
        std::swap(slices[j], slices[random_.below(j + 1)]);
      const PolicyParameter& parameter = parameters_[i];
      for (std::size_t j = 0; j < count; ++j) {
        const double share =
            (static_cast<double>(slices[j]) + random_.uniform()) / static_cast<double>(count);
        points[j][i] =
            in_range(parameter.least + share * (parameter.most - parameter.least), parameter);
      }
    }
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
  }

  // Successive halving costs count x (1 + 1/2 + 1/4 + ...) runs, less than 2 x count.
  bool explore() {
    const int count = (options_.budget / 2 - runs_) / 2;
    if (count < 2) return true;
    std::vector<ParameterPoint> points = hypercube(static_cast<std::size_t>(count));
    for (int seed = 0; seed < options_.seed_count; ++seed) {
      if (!evaluate(points, seed)) return false;
      std::ranges::stable_sort(points, {}, [&](const auto& point) { return mean_cost(point); });
      points.resize(std::max<std::size_t>(1, points.size() / 2));
    }
    for (int seed = 0; seed < options_.seed_count; ++seed) {
      if (!evaluate({points.front()}, seed)) return false;
    }
    if (mean_cost(points.front()) < mean_cost(best_)) best_ = points.front();
    return true;
  }

  std::vector<ParameterPoint> neighbours(double step) const {
    std::vector<ParameterPoint> all;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const PolicyParameter& parameter = parameters_[i];
      const double range = parameter.most - parameter.least;
      const double length =
          parameter.whole ? std::max(1.0, std::round(step * range)) : step * range;
      for (const double direction : {-1.0, 1.0}) {
        ParameterPoint point = best_;
        point[i] = in_range(best_[i] + direction * length, parameter);
        if (point != best_ && std::ranges::find(all, point) == all.end()) all.push_back(point);
      }
    }
    return all;
  }

  // A neighbour has to win over all seeds; most are given up after the first.
  bool refine() {
    for (double step = kFirstStep; step >= kLeastStep;) {
      std::vector<ParameterPoint> points = neighbours(step);
      const int needed = static_cast<int>(points.size()) + options_.seed_count;
      if (points.empty() || runs_ + needed > options_.budget) return true;
      if (!evaluate(points, 0)) return false;
      const auto first_seed = [&](const ParameterPoint& point) { return known_.at(point).front(); };
      const ParameterPoint candidate = *std::ranges::min_element(points, {}, first_seed);
      bool better = first_seed(candidate) < first_seed(best_);
      for (int seed = 0; better && seed < options_.seed_count; ++seed) {
        if (!evaluate({candidate}, seed)) return false;
      }
      better = better && mean_cost(candidate) < mean_cost(best_);
      if (better) best_ = candidate;
      if (!better) step /= 2;
    }
    return true;
  }

  const std::vector<PolicyParameter>& parameters_;
  SearchOptions options_;
  const CandidateCosts& costs_;
  Random random_;
  std::map<ParameterPoint, std::vector<double>> known_;  // costs, by seed from 0 on
  ParameterPoint best_;
  int runs_ = 0;
};

}  // namespace

std::optional<FoundParameters> search_parameters(const std::vector<PolicyParameter>& parameters,
                                                 const SearchOptions& options,
                                                 const CandidateCosts& costs) {
  WEIR_CHECK(!parameters.empty() && options.seed_count > 0, "nothing to search");
  return Search(parameters, options, costs).run();
}

}  // namespace weir
