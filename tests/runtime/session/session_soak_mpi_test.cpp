// Random graphs of tasks on all ranks, with continuations, joins, dependencies, cancellations,
// tasks that throw and read-only data; every one of them is accounted for. WEIR_SOAK_SECONDS says
// for how long; the seed of a run is printed, and WEIR_SOAK_SEED repeats its graphs, though not the
// order in which threads come.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What happened on this rank. Over all ranks: every task that was submitted ran, was cancelled, or
// was dropped because one that it was to follow did not succeed; and what failed threw by itself or
// passed the error of another one on.
struct Tally {
  std::atomic<std::uint64_t> submitted{0};
  std::atomic<std::uint64_t> ran{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> threw{0};
  std::atomic<std::uint64_t> passed_on{0};
  std::atomic<std::uint64_t> continued{0};          // continuations that ran
  std::atomic<std::uint64_t> continuations_due{0};  // those whose futures had the right result
  std::atomic<std::uint64_t> wrong{0};              // results and errors that cannot be
};

// A task's value is known from its argument, so that every result can be checked.
constexpr std::uint64_t value_of(std::uint64_t seed) { return seed * 0x9e3779b97f4a7c15 + 1; }
constexpr bool throws(std::uint64_t seed) { return value_of(seed) >> 60 == 3; }

// Of all data that can be on their way to a rank, and about half of those that come in a life.
constexpr std::size_t kMostNumbers = 10'000;
constexpr int kDataAtOnce = 3;
constexpr std::size_t kCacheBytes = 4 * 3 * kDataAtOnce * (kMostNumbers + 2) * 8;

class Soak {
 public:
  explicit Soak(Progress progress)
      : session_(MPI_COMM_WORLD, {.worker_count = 2,
                                  .progress = progress,
                                  .max_in_flight = 400,
                                  .max_cached_bytes = kCacheBytes}) {
    read_ = session_.define("read", [this](const Data<Numbers>& data) {
      ++tally_.ran;
      const auto numbers = data.get();
      return std::accumulate(numbers->begin(), numbers->end(), Number{0});
    });
    leaf_ = session_.define("leaf", [this](std::uint64_t seed) { return leaf(seed); });
    tree_ = session_.define("tree",
                            [this](std::uint64_t seed, int depth) { return tree(seed, depth); });
    session_.start();
  }

  Session& session() { return session_; }
  Tally& tally() { return tally_; }

  // Some futures, made and checked on the thread that calls.
  void play(std::uint64_t seed) {
    Random random(seed);
    for (int i = 0; i < 12; ++i) round(random);
  }

 private:
  using Number = std::uint64_t;
  using Numbers = std::vector<Number>;

  enum class Outcome { kDone, kFailed, kCancelled };

  Number leaf(std::uint64_t seed) {
    ++tally_.ran;
    if (!throws(seed)) return value_of(seed);
    ++tally_.threw;
    throw std::runtime_error("by itself");
  }

  // Waits for two subtrees that it submits itself, and leaves one task behind.
  Number tree(std::uint64_t seed, int depth) {
    ++tally_.ran;
    if (depth == 0) return value_of(seed);
    tally_.submitted += 3;
    Future<Number> left = session_.submit(anywhere(seed), *tree_, 2 * seed, depth - 1);
    Future<Number> right = session_.submit(anywhere(seed + 1), *tree_, 2 * seed + 1, depth - 1);
    session_.submit(anywhere(seed), *tree_, seed, 0);
    const bool right_values =
        left.get() == value_of(2 * seed) && right.get() == value_of(2 * seed + 1);
    return value_of(seed) + (right_values ? 0 : 1);
  }

  SubmitOptions anywhere(std::uint64_t seed) const {
    SubmitOptions options;
    const RankId rank(static_cast<int>(seed % static_cast<unsigned>(session_.rank_count())));
    if (seed % 3 == 0) options.target = rank;
    if (seed % 3 == 1) options.prefer = rank;
    options.priority = static_cast<std::uint8_t>(seed % 5);
    options.task_class = ClassId(static_cast<std::uint8_t>(seed % 4));
    return options;
  }

  Future<Number> some_leaf(Random& random, std::uint64_t& seed) {
    seed = random.next() >> 8;
    ++tally_.submitted;
    return session_.submit(anywhere(seed), *leaf_, seed);
  }

  void round(Random& random) {
    std::uint64_t seed = 0;
    switch (random.below(7)) {
      case 0: {
        Future<Number> one = some_leaf(random, seed);
        return expect_leaf(outcome_of(one, value_of(seed)), seed);
      }
      case 1: {
        Future<Number> one = some_leaf(random, seed).then([this](Number n) {
          ++tally_.continued;
          return n + 1;
        });
        const Outcome outcome = outcome_of(one, value_of(seed) + 1);
        note_continuation(outcome);
        return expect_leaf(outcome, seed);
      }
      case 2: {
        seed = random.next() >> 16;
        ++tally_.submitted;
        Future<Number> one =
            session_.submit(anywhere(seed), *tree_, seed, static_cast<int>(random.below(4)));
        if (outcome_of(one, value_of(seed)) != Outcome::kDone) ++tally_.wrong;
        return;
      }
      case 3:
        return join(random);
      case 4:
        return follow(random);
      case 5:
        return read_data(random);
      default: {
        Future<Number> one = some_leaf(random, seed);
        const bool won = cancel(one);
        const Outcome outcome = outcome_of(one, value_of(seed));
        if (won != (outcome == Outcome::kCancelled)) ++tally_.wrong;
        if (!won) expect_leaf(outcome, seed);
      }
    }
  }

  void join(Random& random) {
    std::vector<Future<Number>> parts;
    Number sum = 0;
    const std::size_t count = 1 + random.below(6);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t seed = 0;
      parts.push_back(some_leaf(random, seed));
      if (random.below(8) == 0) cancel(parts.back());
      sum += value_of(seed);
    }
    Future<Number> whole = when_all(std::move(parts)).then([this](const std::vector<Number>& all) {
      ++tally_.continued;
      Number total = 0;
      for (const Number one : all) total += one;
      return total;
    });
    note_continuation(outcome_of(whole, sum));
  }

  void follow(Random& random) {
    std::uint64_t first_seed = 0;
    std::uint64_t second_seed = 0;
    Future<Number> first = some_leaf(random, first_seed);
    Future<Number> second = some_leaf(random, second_seed);
    const std::uint64_t seed = random.next() >> 8;
    ++tally_.submitted;
    Future<Number> last = session_.submit_after({first, second}, anywhere(seed), *leaf_, seed);
    const bool last_cancelled = random.below(4) == 0 && cancel(last);
    const bool second_cancelled = random.below(4) == 0 && cancel(second);
    const Outcome outcome = outcome_of(last, value_of(seed));
    const Outcome first_outcome = outcome_of(first, value_of(first_seed));
    expect_leaf(first_outcome, first_seed);
    const Outcome second_outcome = outcome_of(second, value_of(second_seed));
    if (!second_cancelled) expect_leaf(second_outcome, second_seed);
    if (last_cancelled) {
      if (outcome != Outcome::kCancelled) ++tally_.wrong;
    } else if (first_outcome != Outcome::kDone || second_outcome != Outcome::kDone) {
      ++tally_.dropped;
      if (outcome != (first_outcome != Outcome::kDone ? first_outcome : second_outcome)) {
        ++tally_.wrong;
      }
      if (outcome == Outcome::kFailed) ++tally_.passed_on;
    } else {
      expect_leaf(outcome, seed);
    }
  }

  // Each of some data is read by two tasks, and then forgotten or not.
  void read_data(Random& random) {
    std::vector<Data<Numbers>> data;
    std::vector<Future<Number>> sums;
    std::vector<Number> expected;
    for (int i = 0; i < kDataAtOnce; ++i) {
      const Numbers numbers(1 + random.below(kMostNumbers), random.next());
      data.push_back(session_.put("numbers " + std::to_string(random.below(5)), numbers));
      for (int reader = 0; reader < 2; ++reader) {
        ++tally_.submitted;
        sums.push_back(session_.submit(anywhere(random.next() >> 8), *read_, data.back()));
        expected.push_back(numbers.size() * numbers.front());
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (outcome_of(sums[i], expected[i]) != Outcome::kDone) ++tally_.wrong;
    }
    for (const Data<Numbers>& one : data) {
      if (random.below(2) == 0) session_.forget(one);
    }
  }

  bool cancel(Future<Number>& future) {
    const bool won = future.cancel();
    if (won) ++tally_.cancelled;
    return won;
  }

  void expect_leaf(Outcome outcome, std::uint64_t seed) {
    if (outcome != (throws(seed) ? Outcome::kFailed : Outcome::kDone)) ++tally_.wrong;
  }

  void note_continuation(Outcome outcome) {
    if (outcome == Outcome::kDone) ++tally_.continuations_due;
    if (outcome == Outcome::kFailed) ++tally_.passed_on;
  }

  Outcome outcome_of(Future<Number>& future, Number expected) {
    try {
      if (future.get() != expected) ++tally_.wrong;
      return Outcome::kDone;
    } catch (const TaskCancelled&) {
      return Outcome::kCancelled;
    } catch (const TaskError& error) {
      if (std::string(error.what()).find("by itself") == std::string::npos) ++tally_.wrong;
      return Outcome::kFailed;
    }
  }

  Tally tally_;
  Session session_;
  std::optional<TaskKind<Number(std::uint64_t)>> leaf_;
  std::optional<TaskKind<Number(std::uint64_t, int)>> tree_;
  std::optional<TaskKind<Number(Data<Numbers>)>> read_;
};

void expect_accounted(Soak& soak) {
  const Tally& tally = soak.tally();
  EXPECT_EQ(tally.wrong, 0U);
  EXPECT_EQ(tally.continued, tally.continuations_due);
  EXPECT_EQ(
      sum_over_ranks(tally.submitted),
      sum_over_ranks(tally.ran) + sum_over_ranks(tally.cancelled) + sum_over_ranks(tally.dropped));
  EXPECT_EQ(sum_over_ranks(soak.session().failed_count()),
            sum_over_ranks(tally.threw) + sum_over_ranks(tally.passed_on));
}

TEST(SessionSoak, EveryTaskOfRandomGraphsIsAccountedFor) {
  const double seconds = static_cast<double>(number_from("WEIR_SOAK_SECONDS", 5));
  const std::uint64_t seed = number_from("WEIR_SOAK_SEED", 1);
  const auto rank = static_cast<std::uint64_t>(test_ranks().rank().value());
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t tasks = 0;
  std::uint64_t cancelled = 0;
  for (std::uint64_t life = 0;; ++life) {
    // All ranks stop together: rank 0 says when, and who has failed.
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    if (sum_over_ranks(rank == 0 && life > 0 && passed.count() >= seconds ? 1 : 0) > 0) break;
    if (sum_over_ranks(testing::Test::HasFailure() ? 1 : 0) > 0) break;
    SCOPED_TRACE("WEIR_SOAK_SEED=" + std::to_string(seed) + ", life " + std::to_string(life));
    const bool has_threads = life % 2 == 0;
    Soak soak(has_threads ? Progress::kThread : Progress::kCaller);
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      const Random own(mix_bits(mix_bits(seed) + life * 3 + epoch), rank);
      std::vector<std::thread> threads;
      for (std::uint64_t t = 1; has_threads && t < 3; ++t) {
        threads.emplace_back([&soak, random = own, t]() mutable { soak.play(random.next() + t); });
      }
      soak.play(Random(own).next());
      for (std::thread& thread : threads) thread.join();
      soak.session().wait_all();
      expect_accounted(soak);
    }
    tasks += soak.tally().submitted;
    cancelled += soak.tally().cancelled;
  }
  const std::uint64_t all = sum_over_ranks(tasks);
  const std::uint64_t all_cancelled = sum_over_ranks(cancelled);
  EXPECT_GT(all, 0U);
  if (rank > 0) return;
  std::printf("soak: %llu tasks, %llu cancelled, seed %llu\n", static_cast<unsigned long long>(all),
              static_cast<unsigned long long>(all_cancelled),
              static_cast<unsigned long long>(seed));
}

}  // namespace
}  // namespace weir
