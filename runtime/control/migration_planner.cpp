#include "runtime/control/migration_planner.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>

namespace weir {
namespace {

// Until it is known what a hand-over takes, a few tasks at a time are enough to find out.
constexpr std::uint32_t kFirstTasks = 16;

class Plan {
 public:
  explicit Plan(const MigrationInput& input) : input_(input) { look(); }

  MigrationPlan made() {
    MigrationPlan plan{.moves = {}, .before = backlogs_, .after = {}};
    if (anything_waits()) {
      while (plan.moves.size() < input_.most_moves) {
        const auto best = best_move();
        if (!best) break;
        backlogs_[best->from].remove(best->task_class, best->count);
        backlogs_[best->to].add(best->task_class, best->count);
        given_[best->from] = true;
        received_[best->to] = true;
        done_.emplace(best->from, best->to, best->task_class);
        plan.moves.push_back(*best);
      }
    }
    plan.after = std::move(backlogs_);
    return plan;
  }

 private:
  void look() {
    const std::size_t count = input_.children.size();
    backlogs_.resize(count);
    margins_s_.resize(count);
    given_.resize(count);
    received_.resize(count);
    const ClassServices services = mean_services(input_.children);
    for (std::size_t i = 0; i < count; ++i) {
      const NodeReport& report = input_.children[i];
      class_count_ = std::max(class_count_, report.classes.size());
      const Duration age = std::max(input_.now - report.made, input_.least_age);
      if (report.sequence == 0 || input_.now - report.made > input_.oldest) continue;
      backlogs_[i] = Backlog(report.worker_count, report.classes, at_speed(services, report.speed));
      margins_s_[i] = margin_s(report, backlogs_[i], age);
    }
  }

  bool anything_waits() const {
    return std::ranges::any_of(backlogs_, [](const Backlog& b) { return b.queued() > 0; });
  }

  // A busy node has so many arrivals, and as many ends, in that time; each is worth its service
  // over the workers.
  static double margin_s(const NodeReport& report, const Backlog& backlog, Duration age) {
    double running = 0;
    double work_s = 0;
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      const double count = double{1} * report.classes[i].running + report.classes[i].queued;
      running += count;
      work_s += count * backlog.service_s(ClassId(static_cast<std::uint8_t>(i)));
    }
    if (running == 0 || report.worker_count == 0) return 0;
    return std::sqrt(2 * to_seconds(age) * work_s / running / report.worker_count);
  }

  double level_s(ClassId task_class) const {
    double workers = 0;
    double drain = 0;
    for (const Backlog& backlog : backlogs_) {
      if (!backlog.works()) continue;
      workers += backlog.workers_for(task_class);
      drain += backlog.workers_for(task_class) * backlog.drain_s(task_class);
    }
    return workers > 0 ? std::max(0.0, drain / workers) : 0;
  }

  // The one that gains most time, over all its tasks; ties go to the lowest class and positions.
  std::optional<PlannedMove> best_move() const {
    std::optional<PlannedMove> best;
    double most_gain = 0;
    for (std::size_t i = 0; i < class_count_; ++i) {
      const ClassId task_class(static_cast<std::uint8_t>(i));
      const double level = level_s(task_class);
      const auto from = longest_wait(task_class, level);
      if (!from) continue;
      for (std::size_t to = 0; to < backlogs_.size(); ++to) {
        const auto move = move_between(*from, to, task_class, level);
        if (!move || move->count * move->gain_s <= most_gain) continue;
        most_gain = move->count * move->gain_s;
        best = move;
      }
    }
    return best;
  }

  std::optional<std::size_t> longest_wait(ClassId task_class, double level) const {
    std::optional<std::size_t> longest;
    double longest_s = level;
    for (std::size_t i = 0; i < backlogs_.size(); ++i) {
      if (!backlogs_[i].works() || backlogs_[i].queued(task_class) == 0 || received_[i]) continue;
      const double wait_s = backlogs_[i].drain_s(task_class);
      if (wait_s <= longest_s || !has_partner(i, task_class)) continue;
      longest = i;
      longest_s = wait_s;
    }
    return longest;
  }

  bool has_partner(std::size_t from, ClassId task_class) const {
    for (std::size_t to = 0; to < backlogs_.size(); ++to) {
      if (is_pair(from, to) && input_.may_move(from, to, task_class)) return true;
    }
    return false;
  }

  // Nobody both gives and receives in one plan.
  bool is_pair(std::size_t from, std::size_t to) const {
    return from != to && backlogs_[to].works() && !given_[to];
  }

  std::optional<PlannedMove> move_between(std::size_t from, std::size_t to, ClassId task_class,
                                          double level) const {
    if (!is_pair(from, to) || done_.contains({from, to, task_class})) return std::nullopt;
    if (!input_.may_move(from, to, task_class)) return std::nullopt;
    const Backlog& giver = backlogs_[from];
    const Backlog& taker = backlogs_[to];
    if (giver.service_s(task_class) <= 0 || taker.service_s(task_class) <= 0) return std::nullopt;
    if (taker.drain_s(task_class) >= level && taker.wait_s(task_class) > 0) return std::nullopt;
    const double soon_s = std::max(to_seconds(input_.near_future), 2 * taker.service_s(task_class));
    const auto fits = [&](std::uint32_t count) {
      Backlog left = giver;
      Backlog grown = taker;
      left.remove(task_class, count);
      grown.add(task_class, count);
      const double taken_s = grown.wait_s(task_class);
      return taken_s <= std::min(level, soon_s) && taken_s <= left.wait_s(task_class);
    };
    std::uint32_t most = std::min(giver.queued(task_class), input_.most_tasks);
    if (!input_.cost->is_known()) most = std::min(most, kFirstTasks);
    std::uint32_t count = 0;
    for (std::uint32_t above = most + 1; count + 1 < above;) {
      const std::uint32_t middle = count + (above - count) / 2;
      (fits(middle) ? count : above) = middle;
    }
    if (count == 0) return std::nullopt;
    const PlannedMove move = described(from, to, task_class, count);
    if (move.gain_s <= move.cost_s + move.margin_s) return std::nullopt;
    return move;
  }

  PlannedMove described(std::size_t from, std::size_t to, ClassId task_class,
                        std::uint32_t count) const {
    Backlog left = backlogs_[from];
    Backlog grown = backlogs_[to];
    left.remove(task_class, count);
    grown.add(task_class, count);
    PlannedMove move{.from = from,
                     .to = to,
                     .task_class = task_class,
                     .count = count,
                     .wait_from_s = backlogs_[from].wait_s(task_class),
                     .wait_to_s = backlogs_[to].wait_s(task_class),
                     .wait_from_after_s = left.wait_s(task_class),
                     .wait_to_after_s = grown.wait_s(task_class),
                     .service_from_s = left.service_s(task_class),
                     .service_to_s = grown.service_s(task_class)};
    // What is moved would have waited from the one to the other there, and does here.
    const double there_s = (move.wait_from_s + move.wait_from_after_s) / 2 + move.service_from_s;
    const double here_s = (move.wait_to_s + move.wait_to_after_s) / 2 + move.service_to_s;
    move.gain_s = there_s - here_s;
    move.cost_s = input_.cost->seconds(count);
    move.margin_s = std::hypot(margins_s_[from], margins_s_[to]);
    return move;
  }

  const MigrationInput& input_;
  std::size_t class_count_ = 0;
  std::vector<Backlog> backlogs_;
  std::vector<double> margins_s_;
  std::set<std::tuple<std::size_t, std::size_t, ClassId>> done_;
  std::vector<bool> given_;
  std::vector<bool> received_;
};

}  // namespace

MigrationPlan plan_moves(const MigrationInput& input) { return Plan(input).made(); }

}  // namespace weir
