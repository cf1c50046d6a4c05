#include "tools/result/online_result.hpp"

#include <cstdio>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

#include "ml/inference/estimator_messages.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

void encode_floats(const std::vector<float>& numbers, ByteWriter& out) {
  out.block(std::as_bytes(std::span(numbers)));
}

std::vector<float> decode_floats(ByteReader& in) {
  const std::string text = in.text();
  std::vector<float> numbers(text.size() / sizeof(float));
  std::memcpy(numbers.data(), text.data(), numbers.size() * sizeof(float));
  return numbers;
}

double mean(double sum, std::uint64_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::string times(std::uint64_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

}  // namespace

ClusterLearning cluster_learning_of(const OnlineLearner& learner) {
  return {learner.counts(), message_of(learner.in_use(), learner.version(), learner.fitted_to())};
}

void encode(const std::optional<ClusterLearning>& learning, ByteWriter& out) {
  out.number(std::uint8_t{learning.has_value()});
  if (!learning) return;
  const LearningCounts& counts = learning->counts;
  for (const std::uint64_t value : {counts.fits, counts.averages, counts.promotions, counts.drops,
                                    counts.rollbacks, counts.tasks}) {
    out.number(value);
  }
  out.number(counts.version);
  for (const double value : {counts.told_loss, counts.given_loss, counts.in_use_loss}) {
    out.number(value);
  }
  out.number(learning->weights.version);
  out.number(learning->weights.sample_count);
  encode_floats(learning->weights.parameters, out);
  encode_floats(learning->weights.least, out);
  encode_floats(learning->weights.most, out);
}

std::optional<ClusterLearning> decode_cluster_learning(ByteReader& in) {
  if (in.number<std::uint8_t>() == 0) return std::nullopt;
  ClusterLearning learning;
  LearningCounts& counts = learning.counts;
  for (std::uint64_t* value : {&counts.fits, &counts.averages, &counts.promotions, &counts.drops,
                               &counts.rollbacks, &counts.tasks}) {
    *value = in.number<std::uint64_t>();
  }
  counts.version = in.number<std::uint32_t>();
  for (double* value : {&counts.told_loss, &counts.given_loss, &counts.in_use_loss}) {
    *value = in.number<double>();
  }
  learning.weights.version = in.number<std::uint32_t>();
  learning.weights.sample_count = in.number<std::uint64_t>();
  learning.weights.parameters = decode_floats(in);
  learning.weights.least = decode_floats(in);
  learning.weights.most = decode_floats(in);
  return learning;
}

void print_learning(const LearningCounts& counts, std::ostream& out) {
  out << "  online       " << times(counts.fits, "fit", "fits") << ", "
      << times(counts.promotions, "promotion", "promotions") << ", "
      << times(counts.rollbacks, "rollback", "rollbacks") << ", " << counts.drops
      << " dropped; version " << counts.version << "\n               loss "
      << rounded(mean(counts.in_use_loss, counts.tasks)) << " of the weights in use, "
      << rounded(mean(counts.given_loss, counts.tasks)) << " of those it began with, "
      << rounded(mean(counts.told_loss, counts.tasks)) << " as told\n";
}

nlohmann::json learning_json(const LearningCounts& counts) {
  return {{"fits", counts.fits},
          {"averages", counts.averages},
          {"promotions", counts.promotions},
          {"dropped", counts.drops},
          {"rollbacks", counts.rollbacks},
          {"version", counts.version},
          {"tasks", counts.tasks},
          {"loss",
           {{"told", mean(counts.told_loss, counts.tasks)},
            {"given", mean(counts.given_loss, counts.tasks)},
            {"in_use", mean(counts.in_use_loss, counts.tasks)}}}};
}

bool save_weights(const ClusterLearning& learning, const std::filesystem::path& path) {
  std::error_code ignored;
  if (learning.counts.promotions == 0 && std::filesystem::exists(path, ignored)) return false;
  const auto estimator = estimator_of(learning.weights);
  WEIR_CHECK(estimator.has_value(), "weights in use are not whole");
  WeightFile file = estimator->weights();
  file.provenance["learned"] = std::string("while running");
  file.provenance["samples"] = static_cast<std::int64_t>(learning.weights.sample_count);
  file.provenance["version"] = std::int64_t{learning.weights.version};
  write_weights(file, path);
  return true;
}

void tell_nothing_learned(const char* program, const std::filesystem::path& path) {
  std::cerr << program << ": nothing was learned; " << path.string() << " is left as it is"
            << std::endl;
}

}  // namespace weir
