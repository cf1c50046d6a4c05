#include "tools/run/run_pause.hpp"

#include <algorithm>
#include <string>

#include "runtime/base/bytes.hpp"
#include "runtime/base/error.hpp"
#include "tools/run/joint_refusal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A pause is asked for minutes before it is needed; an agreement should not take longer than a few
// looks.
constexpr Duration kUsualLook = 100ms;
constexpr Duration kLookWhileAgreeing = 5ms;

// How a home ended.
struct HomeEnd {
  bool reached_end = false;  // it has admitted all that it was to admit
  bool has_more = false;     // its streams go on
  std::int64_t agreed = 0;   // in ns, the instant at which all were to stop; zero: not known here
};

}  // namespace

bool find_position(MpiContext& mpi, const RunOptions& options, const RunTally& empty,
                   std::optional<PositionPlace>& place, std::optional<RunPosition>& position) {
  const bool reads = mpi.rank() == RankId(0);
  std::optional<std::string> text;
  const std::string unreadable = refusal_of([&] {
    if (!reads) return;
    place.emplace(options.resume);
    text = read_position(options.resume);
  });
  if (any_refuses(mpi, unreadable)) return false;
  Bytes mine;
  if (text) ByteWriter(mine).text(*text);
  const Bytes told = mpi.gather_to_all(mine).front();
  if (told.empty()) return true;
  const std::string foreign = refusal_of(
      [&] { position = parse_position(ByteReader(told).text(), options.resume, options, empty); });
  return !any_refuses(mpi, foreign);
}

std::filesystem::path record_of_part(const std::filesystem::path& record, int part) {
  if (part <= 1) return record;
  std::filesystem::path named = record;
  named.replace_extension(".part" + std::to_string(part) + record.extension().string());
  return named;
}

bool as_rank_0_says(MpiContext& mpi, bool own) {
  const Bytes said = mpi.gather_to_all(Bytes(1, std::byte(own ? 1 : 0))).front();
  return said.front() != std::byte(0);
}

class RunPause::Watch final : public RunObserver {
 public:
  explicit Watch(RunPause& pause) : pause_(pause) {}

  Duration interval() const override {
    return pause_.joint_.offered() && !agreed_ ? kLookWhileAgreeing : kUsualLook;
  }

  void observe(const NodeAgent&, Instant) override {
    if (agreed_) return;
    if (pause_.stop_.pause_requested()) pause_.joint_.ask();
    if (!pause_.joint_.offered() && pause_.joint_.asked()) {
      pause_.source_.hold();
      pause_.joint_.offer(pause_.source_.frontier().time_since_epoch().count());
    }
    const auto end = pause_.joint_.result();
    if (!end) return;
    agreed_ = true;
    pause_.source_.go_on_until(Instant(Duration(*end)));
  }

 private:
  RunPause& pause_;
  bool agreed_ = false;
};

RunPause::RunPause(MpiContext& mpi, PausableSource& source, const StopSignal& stop)
    : mpi_(mpi), source_(source), stop_(stop), joint_(mpi) {}

std::unique_ptr<RunObserver> RunPause::observer() { return std::make_unique<Watch>(*this); }

std::optional<Instant> RunPause::stopped_at() {
  const HomeEnd own{.reached_end = source_.exhausted(),
                    .has_more = source_.has_more(),
                    .agreed = joint_.result().value_or(0)};
  Bytes mine;
  ByteWriter(mine).raw(&own, sizeof own);
  bool all_reached_end = true;
  bool some_have_more = false;
  std::int64_t agreed = 0;
  for (const Bytes& bytes : mpi_.gather_to_all(mine)) {
    HomeEnd home;
    ByteReader(bytes).raw(&home, sizeof home);
    all_reached_end &= home.reached_end;
    some_have_more |= home.has_more;
    agreed = std::max(agreed, home.agreed);
  }
  if (!all_reached_end || !some_have_more) return std::nullopt;
  return Instant(Duration(agreed));
}

}  // namespace weir
