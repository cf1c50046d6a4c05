// A linear program over rates x_ijs: tasks per second of class i on nodes of type j in state s, the
// good one or the slow one. A node in its slow state is a node of its own to the program, there for
// a share of the time; so the program may fill the fast ones first, as a scheduler may.
//
// Interference: n hungry tasks at a node with harmless number h do as much as
// f(n) = n / (1 + beta (n/h - 1)) undisturbed ones for n > h. With beta >= 1 that is at most h;
// with beta < 1 it grows ever more slowly. f is bounded from above by tangents, so the program is
// never too strict.

#include "runtime/bounds/capacity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/check.hpp"
#include "runtime/bounds/linear_program.hpp"

namespace weir {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Spaced by equal factors from h to all cores, 16 tangents keep the bound on f within 0.3 % of it
// for any harmless share from 1/20 on, and within 0.6 % from 1/100 on.
constexpr int kTangents = 16;

// Nodes of one type in one state.
struct NodeGroup {
  std::size_t type = 0;
  double count = 0;
  double cores = 0;  // of each
  double speed = 0;
};

std::vector<NodeGroup> groups_of(const CapacityProblem& problem) {
  std::vector<NodeGroup> groups;
  for (std::size_t j = 0; j < problem.types.size(); ++j) {
    const auto& type = problem.types[j];
    const double slow_share = type.slow_factor < 1 ? 1 - type.good_share : 0;
    const double good_share = 1 - slow_share;
    if (good_share > 0) groups.push_back({j, type.count * good_share, type.cores, type.speed});
    if (slow_share > 0) {
      groups.push_back({j, type.count * slow_share, type.cores, type.speed * type.slow_factor});
    }
  }
  return groups;
}

CapacityBound nothing(const CapacityProblem& problem) {
  return {0, ClassShares(problem.classes.size(), std::vector<double>(problem.types.size(), 0))};
}

class CapacityProgram {
 public:
  // The groups' cores cost `core_price` each while they are busy.
  CapacityProgram(const CapacityProblem& problem, double core_price)
      : problem_(problem), groups_(groups_of(problem)) {
    for (const auto& task_class : problem.classes) share_sum_ += task_class.share;
    rates_.resize(problem.classes.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) add_group(g, core_price);
  }

  bool has_arrivals() const { return share_sum_ > 0; }

  CapacityBound maximize_rate() {
    const std::size_t rate = program_.add_column(1);
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      std::vector<LinearProgram::Term> terms = sum_of(i);
      terms.push_back({rate, -share(i)});
      program_.add_row(0, std::move(terms), 0);
    }
    const auto values = program_.maximize();
    // A rate of zero is always possible, so nothing means that the numbers are too far apart.
    return values ? CapacityBound{(*values)[rate], shares_in(*values)} : nothing(problem_);
  }

  std::optional<LeastBusy> serve(double rate_per_s) {
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      program_.add_row(rate_per_s * share(i), sum_of(i), rate_per_s * share(i));
    }
    const auto solution = program_.maximize_with_prices();
    if (!solution) return std::nullopt;
    LeastBusy served{.shares = shares_in(solution->values)};
    for (const auto& [column, cores] : core_use_) {
      served.busy_cores += cores * solution->values[column];
    }
    served.core_prices.assign(problem_.types.size(), 0);
    for (std::size_t g = groups_.size(); g-- > 0;) {
      served.core_prices[groups_[g].type] = std::max(0.0, solution->row_prices[core_rows_[g]]);
    }
    return served;
  }

 private:
  double share(std::size_t i) const { return problem_.classes[i].share / share_sum_; }

  double service_s(std::size_t i, const NodeGroup& group) const {
    const double slow_down = problem_.slow_down.empty() ? 1 : problem_.slow_down[i][group.type];
    return problem_.classes[i].mean_work_s * slow_down / group.speed;
  }

  bool suffers(std::size_t i) const {
    return problem_.interference.beta > 0 && problem_.classes[i].memory_hungry;
  }

  std::vector<LinearProgram::Term> sum_of(std::size_t i) const {
    std::vector<LinearProgram::Term> terms;
    for (const std::size_t column : rates_[i]) terms.push_back({column, 1});
    return terms;
  }

  std::size_t add_use(double core_price, double cores) {
    const std::size_t column = program_.add_column(-core_price * cores);
    core_use_.push_back({column, cores});
    return column;
  }

  void add_group(std::size_t g, double core_price) {
    const NodeGroup& group = groups_[g];
    std::vector<LinearProgram::Term> busy, hungry;
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      const double service = service_s(i, group);
      if (suffers(i)) {
        rates_[i].push_back(program_.add_column(0));
        hungry.push_back({rates_[i].back(), service});
      } else {
        rates_[i].push_back(add_use(core_price, service));
        busy.push_back({rates_[i].back(), service});
        limit_class(i, group, core_price, busy);
      }
    }
    if (!hungry.empty()) {
      const std::size_t hungry_cores = add_use(core_price, 1);
      busy.push_back({hungry_cores, 1});
      limit_hungry(group, hungry, hungry_cores);
    }
    core_rows_.push_back(program_.add_row(-kUnlimited, std::move(busy), group.count * group.cores));
  }

  // What a limited class has busy beyond its limit is busy once more.
  void limit_class(std::size_t i, const NodeGroup& group, double core_price,
                   std::vector<LinearProgram::Term>& busy) {
    const std::vector<double>& limits = problem_.types[group.type].class_limits;
    if (i >= limits.size() || limits[i] == kUnlimited) return;
    const std::size_t beyond = add_use(core_price, 1);
    busy.push_back({beyond, 1});
    const LinearProgram::Term own = busy[busy.size() - 2];
    program_.add_row(-kUnlimited, {own, {beyond, -1}}, group.count * limits[i]);
  }

  // Undisturbed work <= tangent at each of some numbers of hungry tasks.
  void limit_hungry(const NodeGroup& group, const std::vector<LinearProgram::Term>& work,
                    std::size_t hungry_cores) {
    const double beta = problem_.interference.beta;
    const double harmless = problem_.interference.harmless_share * group.cores;
    const auto add_tangent = [&](double at_zero, double slope) {
      std::vector<LinearProgram::Term> terms = work;
      terms.push_back({hungry_cores, -slope});
      program_.add_row(-kUnlimited, std::move(terms), group.count * at_zero);
    };
    add_tangent(0, 1);
    if (beta >= 1) {
      add_tangent(harmless, 0);
      return;
    }
    for (int k = 0; k <= kTangents; ++k) {
      const double n = harmless * std::pow(group.cores / harmless, 1.0 * k / kTangents);
      const double slow_down = 1 + beta * (n / harmless - 1);
      const double slope = (1 - beta) / (slow_down * slow_down);
      add_tangent(n / slow_down - slope * n, slope);
    }
  }

  ClassShares shares_in(const std::vector<double>& values) const {
    ClassShares shares(rates_.size(), std::vector<double>(problem_.types.size(), 0));
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      double sum = 0;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const double rate = std::max(0.0, values[rates_[i][g]]);
        shares[i][groups_[g].type] += rate;
        sum += rate;
      }
      if (problem_.classes[i].share <= 0 || sum <= 0) {
        std::ranges::fill(shares[i], 0);
        continue;
      }
      for (double& each : shares[i]) each /= sum;
    }
    return shares;
  }

  struct CoreUse {
    std::size_t column = 0;
    double cores = 0;  // per unit of the column
  };

  const CapacityProblem& problem_;
  std::vector<NodeGroup> groups_;
  double share_sum_ = 0;
  LinearProgram program_;
  std::vector<std::vector<std::size_t>> rates_;  // columns, by class, then by group
  std::vector<CoreUse> core_use_;
  std::vector<std::size_t> core_rows_;  // by group
};

}  // namespace

CapacityBound capacity_bound(const CapacityProblem& problem) {
  CapacityProgram program(problem, 0);
  if (!program.has_arrivals()) {
    return nothing(problem);
  }
  return program.maximize_rate();
}

std::optional<LeastBusy> least_busy(const CapacityProblem& problem, double rate_per_s) {
  CapacityProgram program(problem, 1);
  WEIR_CHECK(program.has_arrivals(), "no class has arrivals");
  return program.serve(rate_per_s);
}

double response_floor(const CapacityProblem& problem, double rate_per_s) {
  WEIR_CHECK(rate_per_s > 0, "a response needs arrivals");
  const auto filling = least_busy(problem, rate_per_s);
  return filling ? filling->busy_cores / rate_per_s : kUnlimited;
}

}  // namespace weir
