// Where a run of streams stands: a run that was paused goes on there, on any number of ranks, and
// its totals and digests are in the end those of a run that was never paused.
//
// A position is a time of the streams, for streams are the same for every number of ranks: all
// tasks that are due before it are complete, and none of the others has been admitted. With it goes
// what those tasks came to, and what the streams were made of, so that it is not taken for the
// position of others. The file is JSON, for people; the tally in it is the bytes of RunTally in
// hexadecimal digits, exact, with a hash over them.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/result/run_result.hpp"
#include "tools/result/run_tally.hpp"
#include "tools/run/position_place.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

struct RunPosition {
  Duration stream_time{0};
  int parts = 0;              // of the run, until here
  double elapsed_s = 0;       // of all parts, each until its last completion
  double capacity_per_s = 0;  // that a load refers to; zero: there is none
  RunTally tally;             // without nodes
};

// The options that make streams, and what becomes of their tasks, what they are, as name and value.
std::vector<std::pair<std::string, std::string>> stream_settings(const RunOptions& options);

// The same as one line, as on the command line.
std::string streams_text(const RunOptions& options);

// The text of the file.
std::string text_of(const RunPosition& position, const RunOptions& options,
                    const std::vector<std::string>& stream_names);

// `empty` gives the shape of the tally. Throws Error where `text`, of the file `path`, is no
// position, or that of other streams.
RunPosition parse_position(const std::string& text, const std::filesystem::path& path,
                           const RunOptions& options, const RunTally& empty);

// Nothing where there is no such file. Throws Error where it cannot be read.
std::optional<std::string> read_position(const std::filesystem::path& path);

// Throws Error where the streams do not have as many tasks before the position as were done then.
void refuse_other_count(const RunOptions& options, const RunPosition& position,
                        std::uint64_t task_count);

// For the result of the part that goes on there.
EarlierParts earlier_parts_of(const RunPosition& position);
// One line on stderr, with the file or the ledger that told it.
void tell_where_it_goes_on(const RunOptions& options, const RunPosition& position);

// On rank 0, after the result of a run that has a place for its position: one that is to be
// continued is kept, that of a run that is done is removed, and that of an interrupted one stays.
// `before`: where this part began. False, which it has told, where that cannot be. Without a place
// there is nothing to do.
bool keep_position(PositionPlace* place, const RunOptions& options, const RunResult& result,
                   const std::optional<RunPosition>& before, double capacity_per_s,
                   const std::vector<std::string>& stream_names);

}  // namespace weir
