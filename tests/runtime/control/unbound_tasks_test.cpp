#include "runtime/control/unbound_tasks.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"

namespace weir {
namespace {

// Reserves every task at the same nodes.
class ReservingPolicy final : public Policy {
 public:
  explicit ReservingPolicy(std::vector<int> nodes) : nodes_(std::move(nodes)) {}
  RankId place(const TaskView&, const ClusterView&) override { return RankId(nodes_.front()); }
  void reserve(const TaskView&, const ClusterView&, std::vector<RankId>& nodes) override {
    for (const int node : nodes_) nodes.emplace_back(node);
  }
  bool binds_late() const override { return true; }

 private:
  std::vector<int> nodes_;
};

// Home 0 of four ranks.
struct Home {
  explicit Home(std::vector<int> nodes) : policy(std::move(nodes)) {}

  TaskEntry& add(std::uint64_t id, Payload payload = {}) {
    TaskEntry& entry = table.add({header_of(id), std::move(payload)});
    entry.node = kNoRank;
    unbound.add(entry.header, Instant{});
    return entry;
  }
  RequestAnswer asked_by(int node, std::uint64_t id, std::uint32_t attempt = 1) {
    return unbound.on_request(RankId(node), {{{TaskId(id), attempt}}}, failed);
  }
  std::uint32_t own_in_flight(int node) { return cluster.node(RankId(node)).own_in_flight; }
  std::size_t cancelled_at(int node) {
    std::size_t count = 0;
    for (const auto& m : transport.take<Cancellation>(node)) count += m.reservations.size();
    return count;
  }

  ReservingPolicy policy;
  RecordingTransport transport{0, 4};
  ClusterState cluster{RankId(0), 4, 1};
  TaskTable table;
  UnboundTasks unbound{RankId(0), policy, cluster, table, transport};
  std::vector<TaskEnd> failed;
};

TEST(UnboundTasks, SendTheReservationsForANodeInOneMessage) {
  Home home({1, 3});
  home.add(1);
  home.add(2);
  EXPECT_TRUE(home.transport.sent.empty()) << "not before the flush";
  EXPECT_TRUE(home.unbound.flush().reserved.reservations.empty());
  for (const int node : {1, 3}) {
    const auto sent = home.transport.take<ReservationBatch>(node);
    ASSERT_EQ(sent.size(), 1u);
    ASSERT_EQ(sent[0].reservations.size(), 2u);
    EXPECT_EQ(sent[0].reservations[1].task, TaskId(2));
  }
  EXPECT_EQ(home.unbound.decision_count(), 2u);
}

TEST(UnboundTasks, ReturnTheReservationsAtTheirOwnNode) {
  Home home({0, 1});
  home.add(1);
  EXPECT_EQ(home.unbound.flush().reserved.reservations.size(), 1u);
  EXPECT_TRUE(home.transport.take<ReservationBatch>(0).empty());
  EXPECT_TRUE(home.unbound.flush().reserved.reservations.empty()) << "once";
}

TEST(UnboundTasks, GiveATaskToTheFirstThatAsksAndToNobodyElse) {
  Home home({1, 2});
  const TaskEntry& entry = home.add(1);
  EXPECT_EQ(home.unbound.size(), 1u);
  EXPECT_EQ(home.asked_by(2, 1).tasks.size(), 1u);
  EXPECT_EQ(entry.node, RankId(2));
  EXPECT_EQ(home.unbound.size(), 0u);
  const RequestAnswer late = home.asked_by(1, 1);
  EXPECT_TRUE(late.tasks.empty());
  EXPECT_EQ(late.gone.size(), 1u);
  EXPECT_EQ(entry.node, RankId(2));
}

TEST(UnboundTasks, TellTheOtherNodesThatTheTaskIsGone) {
  Home home({0, 1, 2, 3});
  home.add(1);
  home.unbound.flush();
  home.asked_by(2, 1);
  EXPECT_EQ(home.unbound.flush().cancelled.reservations.size(), 1u);
  EXPECT_EQ(home.cancelled_at(1), 1u);
  EXPECT_EQ(home.cancelled_at(2), 0u);
  EXPECT_EQ(home.cancelled_at(3), 1u);
}

TEST(UnboundTasks, AreReservedAnewWhereANodeThatHadThemIsGone) {
  Home home({1, 2});
  home.add(1);
  home.unbound.flush();
  home.transport.sent.clear();
  home.unbound.reserve_without(RankId(3), false, Instant{});
  home.unbound.flush();
  EXPECT_TRUE(home.transport.sent.empty()) << "it was not reserved there";
  home.unbound.reserve_without(RankId(2), false, Instant{});
  home.unbound.flush();
  EXPECT_EQ(home.transport.take<ReservationBatch>(1).size(), 1u);
  EXPECT_EQ(home.asked_by(1, 1).tasks.size(), 1u);
  EXPECT_EQ(home.unbound.size(), 0u);
}

TEST(UnboundTasks, AreAllReservedAnewWhereReservationsArePassedOn) {
  Home home({1, 2});
  home.add(1);
  home.unbound.flush();
  home.transport.sent.clear();
  home.unbound.reserve_without(RankId(3), true, Instant{});
  home.unbound.flush();
  EXPECT_EQ(home.transport.take<ReservationBatch>(1).size(), 1u);
}

TEST(UnboundTasks, CountAtNoNodeUntilTheyAreBound) {
  Home home({1, 2});
  home.add(1);
  EXPECT_EQ(home.own_in_flight(1) + home.own_in_flight(2), 0u);
  home.asked_by(1, 1);
  EXPECT_EQ(home.own_in_flight(1), 1u);
  home.asked_by(2, 1);
  EXPECT_EQ(home.own_in_flight(2), 0u);
}

TEST(UnboundTasks, AreGoneForAnOldAttemptAndForATaskThatIsComplete) {
  Home home({1, 2});
  TaskEntry& entry = home.add(1);
  home.asked_by(1, 1);
  entry.header.attempt = 2;  // The first has failed.
  home.unbound.add(entry.header, Instant{});
  EXPECT_EQ(home.asked_by(2, 1, 1).gone.size(), 1u);
  EXPECT_EQ(home.asked_by(2, 1, 2).tasks.size(), 1u);
  home.table.remove(TaskId(1));
  EXPECT_EQ(home.asked_by(1, 1, 2).gone.size(), 1u);
}

TEST(UnboundTasks, GoToANodeThatAnotherOnePassedTheReservationTo) {
  Home home({1, 2});
  home.add(1);
  EXPECT_EQ(home.asked_by(3, 1).tasks.size(), 1u);
  home.unbound.flush();
  EXPECT_EQ(home.cancelled_at(1), 1u);
  EXPECT_EQ(home.cancelled_at(2), 1u);
}

TEST(UnboundTasks, BecomeBytesOnlyWhenTheyLeaveTheRank) {
  Home home({0, 1});
  home.add(1, Payload(std::make_shared<Object>()));
  home.add(2, Payload(std::make_shared<Object>()));
  EXPECT_TRUE(home.asked_by(0, 1).tasks.at(0).payload.is_object());
  EXPECT_EQ(home.asked_by(1, 2).tasks.at(0).payload.bytes().size(), 400u);
}

TEST(UnboundTasks, EndTheAttemptOfATaskThatCannotBeSerialized) {
  Home home({0, 1});
  home.add(1, Payload(std::make_shared<Unserializable>()));
  const RequestAnswer answer = home.asked_by(1, 1);
  EXPECT_TRUE(answer.tasks.empty());
  EXPECT_EQ(answer.gone.size(), 1u) << "the node is owed an answer";
  ASSERT_EQ(home.failed.size(), 1u);
  EXPECT_EQ(home.failed[0].status, TaskStatus::kFailed);
  EXPECT_EQ(home.own_in_flight(1), 1u) << "until the end is settled";
}

}  // namespace
}  // namespace weir
