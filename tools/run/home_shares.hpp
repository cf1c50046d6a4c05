// The shares of the streams that a home has: its own, and those that it goes on with for homes that
// are gone. It gives their tasks as a source does, knows which of them are not complete, and makes
// the copies (home_copy.hpp) from which another home can go on with all of them.
//
// Shares are taken up in parts: the streams of a part are opened anew and gone through once. To
// pass over what was taken can take seconds where a run has lasted for long, and a home that is
// busy for seconds is taken for dead. So what is adopted is made ready on a thread of its own.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/control/home_copies.hpp"
#include "runtime/control/task_source.hpp"
#include "tools/load/open_tasks.hpp"
#include "tools/load/stream_source.hpp"
#include "tools/result/run_tally.hpp"
#include "tools/run/home_copy.hpp"

namespace weir {

struct HomeSharesOptions {
  int share_count = 1;  // of the run
  // Opens the streams of the run from their begin, each time the same.
  std::function<std::vector<NumberedStream>()> open_streams;
  bool with_payloads = true;   // as StreamSourceOptions has them
  double failure_share = 0;    // likewise
  std::uint64_t seed = 1;      // likewise
  Duration begin{0};           // the stream time at which the clock begins
  Duration from{0};            // tasks that are due before are nobody's
  double capacity_per_s = 0;   // that a load refers to, for copies
  Duration elapsed_before{0};  // by earlier parts of the run, for copies
  // Where homes may be begun anew: with what each of them began in this run.
  std::function<std::vector<ShareCopy>(RankId home)> begun_with = {};
  // Where set: called on another thread when what was adopted has tasks to give.
  std::function<void()> wake = {};
};

class HomeShares final : public TaskSource, public HomeCopies {
 public:
  // Begins with these shares, possibly none: they are taken up, as adopt() does. `empty` gives the
  // shape of the tallies, nodes included.
  HomeShares(HomeSharesOptions options, const RunTally& empty, std::vector<ShareCopy> shares);
  HomeShares(const HomeShares&) = delete;
  HomeShares& operator=(const HomeShares&) = delete;

  // Of all shares that are ready, the task that is due first.
  Instant next_due() const override;
  Task take() override;
  bool exhausted() const override;
  std::optional<AnnouncedRise> next_announced(Instant now) override;

  // Once for each task that was taken, when it is complete. Returns what it is to be added to, with
  // copies in mind.
  RunTally& complete(TaskId id);

  bool has(int share) const { return places_[share] >= 0; }
  std::vector<ShareCopy> share_copies() const;
  // As bytes: encode() of the same.
  Bytes copy() override;
  // Bytes that copy() has made here or elsewhere in this run, of shares that nobody else goes on
  // with. They are in copies from now on, and ready somewhat later: after 0.1 us for each task of
  // the streams until there. Waits for what was adopted before.
  void adopt(const Bytes& copy) override;
  // The same with what that home began with.
  void begin_anew(RankId home) override;

  // What the tasks that completed here have come to.
  RunTally completed_here() const;
  // What those came to that were complete when their share was taken up. Without nodes.
  RunTally completed_before() const;

 private:
  struct Share {
    int number;
    std::uint32_t generation;
    std::size_t part;  // that gives its tasks
    Duration reached;
    Duration elapsed;  // when it was taken up
    std::vector<std::uint64_t> next;
    OpenTasks open;
    RunTally before;
    RunTally here;
  };

  struct Opened {
    std::deque<Task> late;  // tasks that had been taken before, by time; then come those of
    std::unique_ptr<StreamSource> source;
  };

  // What was taken up together.
  struct Part {
    Opened opened;
    std::future<Opened> opening;  // until it is ready

    bool is_ready() const { return opened.source != nullptr; }
    // Makes it ready where its thread is done.
    void settle();
    Instant next_due() const;
    bool is_exhausted() const;
    Task take();
  };

  void go_on_with(std::vector<ShareCopy> copies);
  // Of the part that comes next.
  void take_up(std::vector<ShareCopy> copies);
  // On any thread, as long as nothing is taken up. All tasks of its shares, if it has any, that are
  // due before a stream time have been taken.
  Opened open(std::size_t part, bool has_shares, Duration taken_before) const;
  bool is_wanted(std::size_t part, TaskId id) const;
  ShareCopy copy_of(const Share& share) const;
  // Of the task's share, in shares_.
  int place_of(TaskId id) const { return places_[home_of(id, options_.share_count)]; }

  HomeSharesOptions options_;
  RunTally empty_;
  Instant start_;            // stream time zero
  std::vector<int> places_;  // by number of the share: where it is in shares_, or nowhere
  std::vector<Share> shares_;
  mutable std::vector<Part> parts_;  // each is settled when it is looked at
  std::jthread opener_;              // of the last part
};

// Throws Error where the streams have not the tasks that the copies say were taken: `streams`,
// opened anew, are others then. `place` is where the copies are. Goes through the streams until
// there.
void require_same_streams(std::vector<NumberedStream> streams, const std::vector<ShareCopy>& copies,
                          const std::string& place);

}  // namespace weir
