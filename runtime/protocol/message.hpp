// What ranks say to each other. Every message is a plain value; who may send it when, and what the
// receiver owes, stands at each. Instants in a message are of the reader's own clock: encoding
// turns them into durations.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/contention_sums.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Home to node: run these. Covered by credit, so the receiver always takes them.
struct TaskBatch {
  std::vector<Task> tasks;
};

// Node to home: these attempts have ended.
struct EndBatch {
  std::vector<TaskEnd> ends;
};

// Node to home: this many of your tasks were accepted, so send as many more.
struct CreditReturn {
  std::uint32_t task_count = 0;
};

// Idle node to a loaded one: give me some of what waits at your tail.
struct StealRequest {
  std::uint32_t most = 0;
};

// One attempt of a task that waits at its home until some node asks for it (late binding).
struct Reservation {
  TaskId task;
  std::uint32_t attempt = 1;
};

// Answer to a request. The tasks are offered, possibly none: they stay the sender's until the
// answer comes. Reservations are passed on for good, and nothing is owed for them.
struct HandOver {
  struct PassedOn {
    RankId home;
    Reservation reservation;
  };
  std::uint32_t offer = 0;
  std::vector<Task> tasks;
  std::vector<PassedOn> reservations = {};
};

// All of the offer is taken, or nothing of it.
struct HandOverAnswer {
  std::uint32_t offer = 0;
  bool accepted = false;
};

// Old owner to home: these attempts are now with `owner`.
struct MovedBatch {
  struct Move {
    TaskId id;
    std::uint32_t attempt = 1;
  };
  RankId owner;
  std::vector<Move> moves;
};

// Node to one home: I have an idle worker (join-idle-queue). Good for one task.
struct IdleToken {};

// Home to node: how busy are you? (Prequal.) Answered at once.
struct Probe {};

struct ProbeAnswer {
  std::uint32_t in_flight = 0;  // tasks queued or running at the node
  std::uint32_t worker_count = 0;
  Duration latency{0};  // how long tasks took lately that came to about as many; zero: unknown
};

// Home to node: ask me for each of these when a worker is free and its turn has come.
struct ReservationBatch {
  std::vector<Reservation> reservations;
};

// Home to node: other nodes have these; do not ask any more. May cross with a request for them.
struct Cancellation {
  std::vector<Reservation> reservations;
};

// Home to node: these attempts count no longer, because you were silent; those not yet started need
// not run.
struct Revocation {
  std::vector<Reservation> attempts;
};

// Node to home: a worker is free for each of these. Each is answered once.
struct TaskRequest {
  std::vector<Reservation> wanted;
};

// Home to node: the tasks asked for, from now on the node's, and those that are no longer to be
// had. Several answers may share a request.
struct RequestAnswer {
  std::vector<Task> tasks;
  std::vector<Reservation> gone;
};

struct ClassLoad {
  std::uint32_t queued = 0;
  std::uint32_t running = 0;
  std::uint64_t arrived = 0;    // since the run began
  std::uint64_t completed = 0;  // since the run began
  double mean_service_s = 0;    // measured here, recent tasks weigh more; zero: none yet
  std::uint32_t limit = 0;      // how many the node lets run at once, found by itself; zero: any
};

// What a node measures about itself. Absent sources stay absent.
struct NodeTelemetry {
  std::optional<double> cpu_utilization;  // of the node's own cores, 0 to 1
  std::optional<double> memory_used_bytes;
  std::optional<double> memory_available_bytes;
  std::optional<double> network_bytes_per_s;
  std::optional<double> cpu_pressure;  // PSI "some", share of time 0 to 1
};

struct NodeReport {
  RankId node;
  std::uint32_t sequence = 0;
  Instant made{};  // on the wire an age
  std::uint32_t worker_count = 0;
  double speed = 1;       // nominal, relative to the other nodes
  double busy_share = 0;  // of the workers, since the last report, 0 to 1
  std::vector<ClassLoad> classes;
  NodeTelemetry telemetry;
};

// Coordinator to the homes of its cluster: the newest report of each node that has one newer than
// the last view.
struct MergedView {
  std::vector<NodeReport> reports;
};

// Coordinator to the homes of its cluster: how the tasks of each class divide over the nodes from
// now on, and which nodes to spare.
struct Directive {
  Duration lifetime{0};  // from its arrival; then each home goes by its own rule again
  // By class, then by node of the cluster (the flat tree has one, of all), not negative and
  // relative to the other nodes; a class without any has no advice.
  std::vector<std::vector<float>> weights;
  // By node: what a second of a core there costs others beyond that second, relative to it. Zero
  // while there is room, and for nodes beyond the end; never negative.
  std::vector<float> prices = {};
  // By class, then by node: what a network at the coordinator adds to the logarithm of what a task
  // is expected to take there; homes without a network of their own pay no heed. Empty: it has
  // none, and zero: it leaves the node to the rule.
  std::vector<std::vector<float>> log_prices = {};
};

// Coordinator to the one above it: the nodes below as if they were one. Only classes that have
// changed are in it, and no more than fit into kMostSubtreeBytes; the others have their turn later.
struct SubtreeReport {
  struct OfClass {
    ClassId task_class;
    ClassLoad load;
  };
  std::uint32_t sequence = 0;
  Instant made{};  // on the wire an age
  std::uint32_t worker_count = 0;
  float speed = 1;       // mean over the workers
  float busy_share = 0;  // likewise
  std::uint8_t class_count = 0;
  std::vector<OfClass> changed;
};
inline constexpr std::size_t kMostSubtreeBytes = 256;    // encoded
inline constexpr std::size_t kMostClassesPerReport = 5;  // whatever their numbers are

// A node that homes of other clusters may use.
struct EntryNode {
  NodeReport report;
  std::vector<float> weights;  // by class, as its coordinator plans; empty: no plan
  float price = 0;
  float homes = 0;                     // how many place tasks there
  std::vector<float> log_prices = {};  // by class; empty: all zero
};

struct EntryCluster {
  RankId cluster;             // the rank of its coordinator
  std::vector<float> shares;  // by class: what part of the tasks of all clusters should go there
  std::vector<EntryNode> nodes;
  std::uint32_t stands_for = 0;  // of so many nodes that work these are the ones with most room
};

// Coordinator to the one above it: nodes with room in each cluster below. Shares are of what goes
// to that part of the tree.
struct EntryNodes {
  std::vector<EntryCluster> clusters;
};

// Coordinator to those below it, and to the homes of a cluster: how tasks divide over the clusters.
// Shares are of all tasks of the job.
struct Outlook {
  Duration lifetime{0};           // from its arrival
  std::vector<float> own_shares;  // of the receiver's part of the tree
  std::vector<EntryCluster> others;
};

struct ClassContention {
  ClassId task_class;
  ContentionSums sums{};
};

// Upward, to the coordinator: all that is known of contention below. The newest one counts.
struct ContentionReport {
  std::vector<ClassContention> classes;
};

// Downward, to every node: the same of the whole job.
struct ContentionOutlook {
  std::vector<ClassContention> classes;
};

// Termination, after Mattern's four counters: the root asks, every home answers, coordinators sum
// up; two equal rounds in which every home is exhausted and all that was submitted is completed end
// the epoch.
struct CountRequest {
  std::uint32_t epoch = 0;
  std::uint32_t round = 0;
};
struct CountAnswer {
  std::uint32_t epoch = 0;
  std::uint32_t round = 0;
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  bool exhausted = false;
};
struct EpochEnd {
  std::uint32_t epoch = 0;
};

// To everyone: submit nothing new, finish what was accepted.
struct StopAdmission {};

// Coordinator to a node of its cluster: offer so many queued tasks of the class to that node, from
// the tail of your queue. May be lost or come twice: what moves is up to the two nodes.
struct MoveOrder {
  std::uint32_t number = 0;  // among the moves of that coordinator
  RankId to;
  ClassId task_class;
  std::uint32_t count = 0;
};

// Node to another one, because of an order: these wait too long here. They stay the sender's until
// the answer comes, which is a HandOverAnswer. The receiver takes them only if it then ends no
// worse off than the sender, and they end no later than they would there.
struct MoveOffer {
  std::uint32_t offer = 0;
  std::vector<Task> tasks;
  Duration wait_left{0};  // expected at the sender without them
  Duration end_there{0};  // until the last of them would have ended there
  Duration service{0};    // of one of them there
};

// Node to its coordinator, and from there up to the one that decided: what became of a move.
struct MoveDone {
  std::uint32_t number = 0;  // of the move, at the coordinator of `level`
  std::uint8_t level = 1;
  std::uint32_t moved = 0;  // tasks
  std::uint64_t bytes = 0;  // of their payloads and headers
  Duration took{0};         // from the offer to its answer; zero: nothing was offered
};

// Coordinator to one below it: so many tasks of the class should leave for another part of the
// tree, where these nodes have room. Which tasks of whom is the receiver's business.
struct MoveQuota {
  struct Target {
    RankId node;
    std::uint32_t count = 0;
  };
  std::uint32_t number = 0;  // among the moves of the coordinator of `level`
  std::uint8_t level = 2;
  ClassId task_class;
  std::vector<Target> targets;
};

// Coordinator to a node that will soon be idle: ask that one for work when you are.
struct StealHint {
  std::uint32_t number = 0;  // among the moves of that coordinator
  RankId victim;
  std::uint32_t most = 1;  // tasks to ask for
  Duration lifetime{0};    // from its arrival
};

// Upward, once a second where capacity is planned: what a node, or all below a coordinator, has to
// offer, and what its homes were given. Tasks and work are counted from the begin of the run.
struct CapacityReport {
  struct OfClass {
    std::uint64_t submitted = 0;  // by the homes below
    std::uint64_t in_flight = 0;  // of those, not complete, wherever they are
    std::uint64_t running = 0;    // at the nodes below
    std::uint64_t served = 0;     // by the nodes below
    double work_s = 0;            // those took: worker seconds, times the speed of their node
    // To the begin of the next rise that is announced; negative while it lasts.
    std::optional<double> event_in_s = {};
  };
  std::uint32_t sequence = 0;
  double installed = 0;          // workers times speed, those of parked nodes included
  std::vector<OfClass> classes;  // the first is class 0
};

// Downward: so much capacity, workers times speed, is to be switched on below the receiver. At a
// node, which is switched on as a whole, it is zero or not. Whole, and told again every second: it
// may be lost, and the newest counts.
struct CapacityOrder {
  std::uint32_t sequence = 0;
  double capacity = 0;
};

// Home to its coordinator, once a second where homes learn while they run: some of its tasks that
// have ended. May be lost or come twice.
struct ServiceSamples {
  std::uint32_t sequence = 0;
  std::uint32_t version = 0;  // of the weights that the home goes by
  // One row for each task: what was known of its node when it was placed there, as a service
  // estimator takes it, and how long it took over what the node had told.
  std::vector<float> rows;
};

// Coordinator to the homes of its cluster: go by this service estimator from now on. A version
// counts at that coordinator and only goes up; a home that says it has another one is told again.
struct EstimatorWeights {
  std::uint32_t version = 0;
  std::uint64_t sample_count = 0;  // they were fitted to
  std::vector<float> parameters;
  std::vector<float> least;  // of each feature that was seen
  std::vector<float> most;
};

// Upward, where clusters share what they learn: what the homes below go by.
struct WeightsReport {
  EstimatorWeights weights;
};

// Downward, to the coordinator of every cluster: the mean of all, to be tried.
struct AverageWeights {
  EstimatorWeights weights;
};

// Anybody to anybody: these ranks no longer take part, and nothing they say counts. A set that only
// grows: what two ranks know, they know together. Who finds itself in it has lost its tasks to
// others, and ends.
struct Exclusion {
  std::vector<RankId> ranks;
};

// Home to the one that would take its place: what it would need to go on for these homes. The
// newest counts.
struct HomeCopy {
  std::vector<RankId> homes;
  Bytes bytes;
};

// To the root, where ranks may die: what this rank has to say of an epoch that is over, and which
// homes it has begun anew. And back, to all: nobody is needed any more.
struct FinalWord {
  std::vector<RankId> restarted_homes;
  Bytes bytes;
};
struct Leave {};

// To the home of read-only data, of a session: send me the one of that number; or, number zero, say
// which is the newest of that name. Answered once.
struct DataRequest {
  std::uint64_t question = 0;  // of who asks
  std::uint64_t number = 0;
  std::string name = {};
  // What the last fetch of who asks took, from the question to the answer; zero: none to tell.
  std::uint64_t last_bytes = 0;
  Duration last_took{0};
};

struct DataAnswer {
  std::uint64_t question = 0;
  std::uint64_t number = 0;  // zero: there is none, and `text` says why
  std::uint64_t version = 0;
  std::uint64_t byte_count = 0;  // of the data, whether or not they are here
  std::string text = {};         // else the type
  Payload data = {};             // where they were asked for
};

// To everyone, of a session: it has ended here. The last message of this rank, which begins nothing
// more and tells nobody what became of tasks; but for one that it does not wait after all.
struct Farewell {
  std::uint32_t ended_epochs = 0;  // as far as this rank knows
  // For the farewell of everyone else, as a collective end does; false where an exception ends it.
  bool waits = true;
  // Who left before all others, likewise: the others may have left because of it.
  RankId first;
  bool first_was_thrown_out = false;
};

using Message =
    std::variant<TaskBatch, EndBatch, CreditReturn, StealRequest, HandOver, HandOverAnswer,
                 MovedBatch, IdleToken, NodeReport, MergedView, CountRequest, CountAnswer, EpochEnd,
                 StopAdmission, Probe, ProbeAnswer, ReservationBatch, Cancellation, TaskRequest,
                 RequestAnswer, Directive, SubtreeReport, EntryNodes, Outlook, ContentionReport,
                 ContentionOutlook, MoveOrder, MoveOffer, MoveDone, MoveQuota, StealHint,
                 Revocation, CapacityReport, CapacityOrder, ServiceSamples, EstimatorWeights,
                 WeightsReport, AverageWeights, Exclusion, HomeCopy, FinalWord, Leave, DataRequest,
                 DataAnswer, Farewell>;

struct Envelope {
  RankId from;
  // Whom the sender knew to be out, as Membership::tag().
  std::uint32_t membership = 0;
  Message message;
};

}  // namespace weir
