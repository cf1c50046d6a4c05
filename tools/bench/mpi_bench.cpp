// What weir's transport and loop cost above raw Open MPI, on two ranks:
//   mpirun -n 2 --bind-to none mpi_bench [messages]
// Raw and weir are measured in turns (A B A B) in one run; the printed value is the median, and the
// ratio is weir to raw. "From idle" means that both ranks have slept for 20 ms before each message;
// raw MPI then waits in MPI_Recv, which burns a core and so has no wake-up to pay for. `messages`
// is the first two rows only, in a second: for two builds in turns.

#include <mpi.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "runtime/mpi/mpi_context.hpp"
#include "runtime/mpi/mpi_loop.hpp"
#include "runtime/mpi/steady_clock.hpp"

namespace {

using namespace weir;
using namespace std::chrono_literals;

constexpr int kTurns = 5;
constexpr auto kIdle = 20ms;

// Rank 0 sends, rank 1 sends the same back.
class Echo final : public Reactor {
 public:
  Echo(Transport& transport, const Clock& clock, std::size_t bytes, int rounds, Duration pause)
      : transport_(transport),
        clock_(clock),
        rounds_(rounds),
        pause_(pause),
        starts_(transport.rank() == RankId(0)) {
    if (bytes > 0) batch_.tasks.push_back({{}, Payload(Bytes(bytes, std::byte{1}))});
    if (starts_) next_ = clock.now() + pause;
  }
  void on_message(Envelope envelope, Instant now) override {
    ++seen_;
    if (!starts_) return transport_.send(RankId(0), std::move(envelope.message));
    trips.push_back(clock_.now() - sent_);
    next_ = seen_ < rounds_ ? now + pause_ : kNever;
  }
  void on_wakeup(Instant now) override {
    if (now < next_) return;
    next_ = kNever;
    sent_ = clock_.now();
    transport_.announce(RankId(1));  // as the router does
    transport_.send(RankId(1), batch_);
  }
  Instant next_wakeup() const override { return next_; }
  bool finished() const override { return seen_ >= rounds_; }

  std::vector<Duration> trips;

 private:
  Transport& transport_;
  const Clock& clock_;
  int rounds_;
  Duration pause_;
  bool starts_;
  TaskBatch batch_;
  int seen_ = 0;
  Instant sent_{};
  Instant next_ = kNever;
};

// Rank 1 counts what rank 0 sends, and answers the last one.
class Stream final : public Reactor {
 public:
  Stream(Transport& transport, int messages) : transport_(transport), messages_(messages) {}
  void on_message(Envelope, Instant) override {
    ++seen_;
    if (transport_.rank() == RankId(1) && seen_ == messages_) {
      transport_.send(RankId(0), IdleToken{});
      finished_ = true;
    }
    if (transport_.rank() == RankId(0)) finished_ = true;
  }
  void on_wakeup(Instant) override {
    if (transport_.rank() != RankId(0)) return;
    for (int i = 0; i < 500 && sent_ < messages_; ++i, ++sent_)
      transport_.send(RankId(1), StealRequest{1});
  }
  Instant next_wakeup() const override {
    return transport_.rank() == RankId(0) && sent_ < messages_ ? Instant{} : kNever;
  }
  bool finished() const override { return finished_; }

 private:
  Transport& transport_;
  int messages_;
  int sent_ = 0;
  int seen_ = 0;
  bool finished_ = false;
};

struct World {
  MpiContext& context;
  Doorbell& doorbell;
  const Clock& clock;
};

double median_us(std::vector<Duration> values) {
  if (values.empty()) return 0;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return std::chrono::duration<double, std::micro>(values[values.size() / 2]).count();
}

std::vector<Duration> weir_trips(World& world, std::size_t bytes, int rounds, Duration pause) {
  MpiTransport transport(world.context, world.doorbell, world.clock);
  Echo echo(transport, world.clock, bytes, rounds, pause);
  MpiLoop(transport, world.doorbell, world.clock, echo).run();
  while (transport.under_way()) transport.poll();
  world.context.gather_to_all({});
  return echo.trips;
}

std::vector<Duration> raw_trips(World& world, std::size_t bytes, int rounds, Duration pause) {
  const bool starts = world.context.rank() == RankId(0);
  const auto count = static_cast<int>(std::max<std::size_t>(bytes, 8));
  std::vector<Duration> trips;
  Bytes out(static_cast<std::size_t>(count), std::byte{1});
  for (int i = 0; i < rounds; ++i) {
    // As in weir, each message is received into memory of its own.
    Bytes in(static_cast<std::size_t>(count));
    if (starts) {
      if (pause > Duration::zero()) std::this_thread::sleep_for(pause);
      const Instant sent = world.clock.now();
      MPI_Send(out.data(), count, MPI_BYTE, 1, 9, MPI_COMM_WORLD);
      MPI_Recv(in.data(), count, MPI_BYTE, 1, 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      trips.push_back(world.clock.now() - sent);
    } else {
      MPI_Recv(in.data(), count, MPI_BYTE, 0, 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      MPI_Send(in.data(), count, MPI_BYTE, 0, 9, MPI_COMM_WORLD);
    }
  }
  world.context.gather_to_all({});
  return trips;
}

void compare_trips(World& world, const char* name, std::size_t bytes, int rounds, Duration pause) {
  std::vector<Duration> raw;
  std::vector<Duration> weir;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto a = raw_trips(world, bytes, rounds, pause);
    const auto b = weir_trips(world, bytes, rounds, pause);
    raw.insert(raw.end(), a.begin(), a.end());
    weir.insert(weir.end(), b.begin(), b.end());
  }
  if (world.context.rank() != RankId(0)) return;
  std::printf("%-34s raw %9.1f us   weir %9.1f us   ratio %5.2f\n", name, median_us(raw),
              median_us(weir), median_us(weir) / median_us(raw));
}

Duration raw_stream(World& world, int messages) {
  const Instant begin = world.clock.now();
  std::byte buffer[64] = {};
  const int other = 1 - world.context.rank().value();
  for (int i = 0; i < messages; ++i) {
    if (other == 1) MPI_Send(buffer, 64, MPI_BYTE, 1, 9, MPI_COMM_WORLD);
    if (other == 0) MPI_Recv(buffer, 64, MPI_BYTE, 0, 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
  if (other == 1) MPI_Recv(buffer, 64, MPI_BYTE, 1, 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  if (other == 0) MPI_Send(buffer, 64, MPI_BYTE, 0, 9, MPI_COMM_WORLD);
  return world.clock.now() - begin;
}

Duration weir_stream(World& world, int messages) {
  const Instant begin = world.clock.now();
  MpiTransport transport(world.context, world.doorbell, world.clock);
  Stream stream(transport, messages);
  MpiLoop(transport, world.doorbell, world.clock, stream).run();
  const Duration taken = world.clock.now() - begin;
  while (transport.under_way()) transport.poll();
  world.context.gather_to_all({});
  return taken;
}

void compare_rates(World& world) {
  constexpr int kMessages = 200000;
  std::vector<Duration> raw;
  std::vector<Duration> weir;
  for (int turn = 0; turn < kTurns; ++turn) {
    raw.push_back(raw_stream(world, kMessages));
    weir.push_back(weir_stream(world, kMessages));
  }
  if (world.context.rank() != RankId(0)) return;
  std::printf("%-34s raw %9.2f M/s  weir %9.2f M/s  ratio %5.2f\n", "small messages, one way",
              kMessages / median_us(raw), kMessages / median_us(weir),
              median_us(raw) / median_us(weir));
}

class Sleeper final : public Reactor {
 public:
  explicit Sleeper(Instant end) : end_(end) {}
  void on_message(Envelope, Instant) override {}
  void on_wakeup(Instant now) override { done_ = now >= end_; }
  Instant next_wakeup() const override { return end_; }
  bool finished() const override { return done_; }

 private:
  Instant end_;
  bool done_ = false;
};

double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

void measure_idle(World& world) {
  MpiTransport transport(world.context, world.doorbell, world.clock);
  Sleeper sleeper(world.clock.now() + 5s);
  const double before = cpu_seconds();
  MpiLoop(transport, world.doorbell, world.clock, sleeper).run();
  const double share = (cpu_seconds() - before) / 5;
  world.context.gather_to_all({});
  if (world.context.rank() == RankId(0))
    std::printf("an idle rank, of one core          %.4f %%\n", 100 * share);
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc == 1;
  if (!all && std::strcmp(argv[1], "messages") != 0) {
    std::fprintf(stderr, "usage: mpi_bench [messages]\n");
    return 2;
  }
  keep_freed_memory();
  const auto context = MpiContext::start(MpiThreads::kFunneled);
  if (context->rank_count() != 2) {
    std::fprintf(stderr, "mpi_bench needs 2 ranks\n");
    return 2;
  }
  // As a node does that has a core for each of its ranks.
  Doorbell doorbell(*context, {.ring_ahead = true});
  const SteadyClock clock;
  World world{*context, doorbell, clock};
  compare_rates(world);
  compare_trips(world, "round trip, polling", 0, 2000, 0s);
  if (!all) return 0;
  compare_trips(world, "round trip, from idle", 0, 20, kIdle);
  compare_trips(world, "70 KB there and back, polling", 70000, 200, 0s);
  compare_trips(world, "70 KB there and back, from idle", 70000, 20, kIdle);
  compare_trips(world, "8 MB there and back, from idle", 8 << 20, 10, kIdle);
  measure_idle(world);
}
