// A coordinator's part in moving queued tasks: plans now and then over what its children reported,
// tells them, and hears what became of it.
//
// At level 1 a move is an order to a node, and nodes that will soon be idle are told whom to ask
// when they are, so that they need not wait for the next plan. Above, it is a quota for a child:
// so many tasks of a class to nodes of another part that have room. The child makes orders of it,
// or quotas for its own children. Nobody is told which tasks.
//
// Nothing swings: a child that has given or received takes part again only after it has reported
// since; a pair that has moved one way does not move the other way for a while; a class of which a
// child could give nothing is left alone for ever longer times. And nodes hand no task over twice.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/migration_planner.hpp"
#include "runtime/control/move_observer.hpp"
#include "runtime/control/outgoing.hpp"
#include "runtime/control/transfer_cost.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// Whether coordinators move queued tasks: where the policy follows the tree, always, or never.
enum class Migration { kWithTree, kOn, kOff };

constexpr bool is_on(Migration migration, bool follows_tree) {
  return migration == Migration::kOn || (migration == Migration::kWithTree && follows_tree);
}

struct MigrationOptions {
  Duration interval{0};  // from one plan to the next, at least
  Duration oldest{0};    // reports older than this count for nothing
};

class MigrationDesk {
 public:
  // The observer may be null, and outlives the desk.
  MigrationDesk(CoordinatorRole role, const MigrationOptions& options, MoveObserver* observer)
      : role_(std::move(role)),
        options_(options),
        observer_(observer),
        children_(role_.children.size()) {}

  void on_report() { has_news_ = true; }
  Instant next_due() const { return has_news_ ? last_plan_ + options_.interval : kNever; }

  // `entries`: by child, nodes there that may be given something from elsewhere; above level 1.
  void plan(std::span<const NodeReport> reports, std::span<const std::vector<EntryCluster>> entries,
            Instant now, std::vector<Outgoing>& out);

  // From above: finds those of the children that should give.
  void on(const MoveQuota& quota, std::span<const NodeReport> reports, Instant now,
          std::vector<Outgoing>& out);
  // From below. What is not of a decision made here is passed up.
  void on(const MoveDone& done, std::span<const NodeReport> reports, Instant now,
          std::vector<Outgoing>& out);

 private:
  struct Child {
    std::uint32_t open_moves = 0;
    std::uint32_t seen_sequence = 0;  // takes part once it has reported after that
    Instant gives_up{};               // on answers that do not come
    struct Barren {
      Instant until{};
      Duration pause{0};
    };
    std::map<ClassId, Barren> barren;
  };
  // A move that was told and has not been done.
  struct Open {
    std::size_t from = 0;
    std::optional<std::size_t> to;  // none: in another part of the tree
    ClassId task_class;
    std::uint32_t quota_number = 0;  // of which it is a part
    std::uint8_t quota_level = 0;    // zero: of none
    Instant expires{};
  };

  struct Victim {
    std::size_t child = 0;
    ClassId task_class;
  };
  struct Hint {
    DecidedMove move;
    Instant expires{};
  };

  MigrationPlan make_plan(std::span<const NodeReport> reports, Instant now) const;
  bool rests(std::size_t child, std::span<const NodeReport> reports, Instant now) const;
  bool may_move(std::size_t from, std::size_t to, ClassId task_class, Instant now) const;
  std::uint32_t open(const Open& move, Instant now);
  void order(const PlannedMove& move, const MigrationPlan& plan, Instant now,
             std::vector<Outgoing>& out);
  void send_quota(const PlannedMove& move, const MigrationPlan& plan,
                  std::span<const EntryCluster> there, Instant now, std::vector<Outgoing>& out);
  struct QuotaPart {
    std::size_t from;  // position of the child
    MoveQuota::Target target;
  };
  std::vector<QuotaPart> parts_of(const MoveQuota& quota, std::vector<Backlog> backlogs,
                                  std::span<const NodeReport> reports, Instant now) const;
  std::optional<std::size_t> giver_of_quota(std::span<const Backlog> children, ClassId task_class,
                                            std::span<const NodeReport> reports, Instant now) const;
  std::vector<Victim> victims(const MigrationPlan& plan) const;
  void hint(const MigrationPlan& plan, Instant now, std::vector<Outgoing>& out);
  DecidedMove decided(std::uint32_t number, MoveKind kind, RankId to, const PlannedMove& move,
                      std::span<const Backlog> children) const;
  void close(const Open& move, std::uint32_t moved, std::span<const NodeReport> reports,
             Instant now);
  void forget_expired(Instant now);

  CoordinatorRole role_;
  MigrationOptions options_;
  MoveObserver* observer_;
  std::vector<Child> children_;
  TransferCost cost_;
  bool has_news_ = false;
  Instant last_plan_{};
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Open> open_;
  std::map<std::uint32_t, Hint> hints_;
  std::map<std::pair<std::size_t, std::size_t>, Instant> last_moves_;
};

}  // namespace weir
