// What was learned while a run went on, in its result and beyond it.

#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>

#include "runtime/base/bytes.hpp"
#include "runtime/control/learning_observer.hpp"
#include "runtime/control/online_learner.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// Of a cluster, at the rank that coordinates it.
struct ClusterLearning {
  LearningCounts counts;
  EstimatorWeights weights;  // that its homes go by in the end
};

ClusterLearning cluster_learning_of(const OnlineLearner& learner);

void encode(const std::optional<ClusterLearning>& learning, ByteWriter& out);
std::optional<ClusterLearning> decode_cluster_learning(ByteReader& in);

// Lines of the summary, of all clusters.
void print_learning(const LearningCounts& counts, std::ostream& out);
nlohmann::json learning_json(const LearningCounts& counts);

// A file for --weights. False where nothing was learned and there is a file, which stays as it is:
// it may hold what an earlier run has learned. Throws Error where it cannot be written.
bool save_weights(const ClusterLearning& learning, const std::filesystem::path& path);

// To stderr, where save_weights() has left a file as it is.
void tell_nothing_learned(const char* program, const std::filesystem::path& path);

}  // namespace weir
