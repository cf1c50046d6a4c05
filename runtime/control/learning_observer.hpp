// What coordinators have learned while a run goes on: for whoever keeps a record of it, and in
// numbers that can be added up.

#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

enum class LearningStep : std::uint8_t {
  kFitted,      // there is a candidate, of the tasks of this cluster
  kAveraged,    // there is one, of all clusters
  kPromoted,    // the candidate is better: homes go by it from now on
  kDropped,     // it is not, or not within the tasks that it was given
  kRolledBack,  // what homes went by before is better: they go by it again
  kCount
};

// As in records: "rolled_back".
std::string_view name_of(LearningStep step);

struct LearningEvent {
  RankId cluster;  // the rank of its coordinator
  LearningStep step = LearningStep::kFitted;
  std::uint32_t version = 0;  // of the weights that homes go by after it
  // Tasks on which the two were compared, and their mean losses (ml/inference/service_sample.hpp).
  // Of one that was fitted: those it was fitted to, which flatters it. Of an average: none.
  std::uint64_t task_count = 0;
  double told_loss = 0;        // as nodes told
  double in_use_loss = 0;      // of the weights that homes went by until then
  double challenger_loss = 0;  // of the others: the candidate, or those before
};

class LearningObserver {
 public:
  virtual ~LearningObserver() = default;
  virtual void on_learned(const LearningEvent& event, Instant now) = 0;
};

// Of the coordinators of one rank, or added up over several.
struct LearningCounts {
  std::uint64_t fits = 0;
  std::uint64_t averages = 0;
  std::uint64_t promotions = 0;
  std::uint64_t drops = 0;
  std::uint64_t rollbacks = 0;
  std::uint32_t version = 0;  // the highest
  // Tasks that were heard of, and losses on them all.
  std::uint64_t tasks = 0;
  double told_loss = 0;
  double given_loss = 0;   // of the weights that the run began with
  double in_use_loss = 0;  // of those that homes went by

  LearningCounts& operator+=(const LearningCounts& other);
  // What came after `earlier`, which is of the same coordinators; the version is the one now.
  LearningCounts since(const LearningCounts& earlier) const;
  friend bool operator==(const LearningCounts&, const LearningCounts&) = default;
};

}  // namespace weir
