#include "tools/run/run_survival.hpp"

#include <chrono>
#include <set>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/run_file.hpp"
#include "tools/run/joint_result.hpp"
#include "tools/run/survivors_line.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr auto kSegmentPatience = 10s;

void refuse_unsurvivable(const std::string& found, const std::string& attempt) {
  throw Error("--survive does not go with this", found,
              "a run whose ranks need nobody in its place", attempt);
}

bool is_closed(const std::filesystem::path& segment) {
  try {
    return RecordReader(segment).attributes().contains("digest_0");  // RunRecord::close
  } catch (const Error&) {
    return false;
  }
}

// Until those that live have closed theirs.
void await_segments(const Survival& survival, int rank_count, const std::filesystem::path& record) {
  const auto end = std::chrono::steady_clock::now() + kSegmentPatience;
  for (int i = 0; i < rank_count; ++i) {
    const RankId rank(i);
    if (survival.members().is_out(rank)) continue;
    while (!is_closed(segment_path(record, rank)) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(20ms);
    }
  }
}

}  // namespace

void check_survival(const RunOptions& options) {
  if (!options.survive) return;
  if (options.loads.suspicion.after <= Duration::zero()) {
    refuse_unsurvivable("--suspect-after off", "leaving --suspect-after out, or a time such as 2s");
  }
  if (options.online.mode != OnlineLearning::kOff)
    refuse_unsurvivable("--online", "leaving one of them out");
  if (options.capacity.control != CapacityControl::kFixed) {
    refuse_unsurvivable("--capacity", "leaving one of them out");
  }
  if (!options.resume.empty()) refuse_unsurvivable("--resume", "leaving one of them out");
}

// What had completed when it took them over is counted as if all of it had been its own.
Bytes encode_surviving_part(const RunTally& tally, const HomeShares& shares,
                            std::uint64_t done_earlier, RankResult own) {
  const std::uint64_t before = shares.completed_before().ended() - done_earlier;
  own.counts.submitted += before;
  own.counts.completed += before;
  return encode_part(tally, own);
}

RunResult result_of_words(const Survival& survival, int rank_count, RunResult head) {
  const RunTally empty = head.tally;
  for (int i = 0; i < rank_count; ++i) {
    const auto word = survival.words().find(RankId(i));
    if (word != survival.words().end()) {
      add_part(word->second.bytes, empty, head);
    } else {
      head.ranks.push_back({.host = "(lost)"});
      head.lost_ranks.push_back(i);
    }
  }
  return head;
}

std::string restart_report(const Survival& survival) {
  std::set<RankId> restarted;
  for (const auto& [rank, word] : survival.words()) {
    restarted.insert(word.restarted_homes.begin(), word.restarted_homes.end());
  }
  if (restarted.empty()) return {};
  return "weir-run: the tasks of the home" + std::string(restarted.size() == 1 ? " of " : "s of ") +
         names_of_ranks(restarted) +
         " were begun anew: it died together with the rank that had its copy\n";
}

bool merge_survivors(const JointRecord& record, const Survival& survival, RankId self,
                     int rank_count, const std::string& failure) {
  await_segments(survival, rank_count, record.path);
  std::vector<std::string> failures(static_cast<std::size_t>(rank_count));
  failures[static_cast<std::size_t>(self.value())] = failure;
  return merge_told_segments(record, failures, survival.members().out());
}

}  // namespace weir
