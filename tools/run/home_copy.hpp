// From what anybody can go on for a home of a run of streams.
//
// A home's tasks are its share of the streams, and streams are the same wherever they are opened.
// So a copy needs no tasks: it says how far the share has been taken, which of those tasks are not
// complete, and what the others came to. Whoever takes it up opens the streams again, passes over
// what was taken but for the tasks that are not complete, and adds what the others came to. Tasks
// that completed after the copy was made run once more, and count once.
//
// Each share has a copy of its own, complete in itself: copies of several shares need not be of one
// moment. Of two copies of a share the one that has been taken up more often counts.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "tools/result/run_tally.hpp"

namespace weir {

struct ShareCopy {
  int share = 0;                    // see home_of()
  int share_count = 1;              // equal for all shares of a run, however many ranks it has
  std::uint32_t generation = 0;     // how often the share has been taken up
  double capacity_per_s = 0;        // that a load refers to; zero: there is none
  Duration reached{0};              // the latest stream time at which a task was due that was taken
  bool all_taken = false;           // the streams have no further task of it
  Duration elapsed{0};              // of all parts of the run, each until its last completion
  std::vector<std::uint64_t> next;  // by stream: the tasks before this index have been taken,
  std::vector<TaskId> open;         // and these of them are not complete
  RunTally tally;                   // of those that are complete; without nodes
};

// Of a share from which nothing has been taken.
ShareCopy untouched_share(int share, int share_count, const RunTally& empty);

Bytes encode(const ShareCopy& copy);
// Nothing where the bytes are no copy, not whole, or of another number of streams or classes.
// `empty` gives the shape of the tally.
std::optional<ShareCopy> decode_share_copy(std::span<const std::byte> bytes, const RunTally& empty);

// All shares of one home.
Bytes encode(const std::vector<ShareCopy>& copies);
std::optional<std::vector<ShareCopy>> decode_share_copies(std::span<const std::byte> bytes,
                                                          const RunTally& empty);

}  // namespace weir
