#include "tools/learning/estimator_checkpoint.hpp"

#include <algorithm>
#include <span>
#include <system_error>

#include "runtime/base/bytes.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"
#include "runtime/record/replace_record.hpp"
#include "runtime/session/version.hpp"

namespace weir {
namespace {

constexpr const char* kContentsAttribute = "weir_contents";
constexpr const char* kContents = "rounds of an estimator";
constexpr const char* kPlanAttribute = "plan";

using Numbers = std::vector<double>;

constexpr std::size_t kSeen = 2 * kServiceFeatures;  // of one estimator

const Numbers* find_numbers(const std::vector<Array>& arrays, const std::string& name) {
  for (const Array& array : arrays) {
    if (array.name == name) return std::get_if<Numbers>(&array.values);
  }
  return nullptr;
}

SeenFeatures seen_in(std::span<const double> numbers) {
  SeenFeatures seen;
  for (std::size_t i = 0; i < kServiceFeatures; ++i) {
    seen.least[i] = static_cast<float>(numbers[i]);
    seen.most[i] = static_cast<float>(numbers[kServiceFeatures + i]);
  }
  return seen;
}

// Empty where the arrays do not fit each other.
std::vector<EstimatorRound> rounds_in(const std::vector<Array>& arrays) {
  const Numbers* const parameters = find_numbers(arrays, "parameters");
  const Numbers* const seen = find_numbers(arrays, "seen");
  const Numbers* const losses = find_numbers(arrays, "losses");
  const Numbers* const told = find_numbers(arrays, "told_losses");
  const Numbers* const ratios = find_numbers(arrays, "ratios");
  for (const Numbers* const each : {parameters, seen, losses, told, ratios}) {
    if (each == nullptr) return {};
  }
  std::vector<EstimatorRound> rounds(losses->size());
  ServiceEstimator estimator;
  const std::size_t width = estimator.network().parameters().size();
  const bool fits = !rounds.empty() && parameters->size() == rounds.size() * width &&
                    seen->size() == rounds.size() * kSeen && told->size() == rounds.size() &&
                    !ratios->empty() && ratios->size() % rounds.size() == 0;
  if (!fits) return {};
  const std::size_t worlds = ratios->size() / rounds.size();
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    const auto of_round = std::span(*parameters).subspan(i * width, width);
    std::ranges::transform(of_round, rounds[i].estimator.network().parameters().begin(),
                           [](double value) { return static_cast<float>(value); });
    rounds[i].estimator.set_seen(seen_in(std::span(*seen).subspan(i * kSeen, kSeen)));
    rounds[i].loss = (*losses)[i];
    rounds[i].told_loss = (*told)[i];
    const auto judged = std::span(*ratios).subspan(i * worlds, worlds);
    rounds[i].ratios.assign(judged.begin(), judged.end());
  }
  return rounds;
}

// Of all that makes two trainings the same.
std::string digest_of(const EstimatorPlan& plan) {
  Bytes bytes;
  ByteWriter out(bytes);
  const auto add = [&](const std::vector<Settings>& worlds) {
    out.number(static_cast<std::uint64_t>(worlds.size()));
    for (const Settings& world : worlds) {
      out.number(static_cast<std::uint64_t>(world.size()));
      for (const auto& [name, value] : world) out.text(name + '=' + value);
    }
  };
  out.text(kVersion);
  out.number(ServiceEstimator::kSchema);
  out.number(static_cast<std::uint64_t>(plan.rounds.size()));
  for (const std::vector<Settings>& worlds : plan.rounds) add(worlds);
  add(plan.judging);
  out.number(plan.judging_seeds);
  out.number(static_cast<std::uint64_t>(plan.most_samples));
  out.number(plan.seed);
  out.number(plan.fit.epochs);
  out.number(static_cast<std::uint64_t>(plan.fit.batch_size));
  out.number(plan.fit.learning_rate);
  out.number(plan.fit.most_ratio);
  return std::to_string(hash_of(bytes));
}

[[noreturn]] void refuse(const EstimatorPlan& plan, const std::string& found) {
  throw Error("the training cannot be resumed", plan.checkpoint.string() + ": " + found,
              "a checkpoint that `weir train scorer` with the same options has left",
              "the training without --resume");
}

}  // namespace

void save_rounds(const std::vector<EstimatorRound>& rounds, const EstimatorPlan& plan) {
  Numbers parameters, seen, losses, told, ratios;
  for (EstimatorRound round : rounds) {
    const auto own = round.estimator.network().parameters();
    parameters.insert(parameters.end(), own.begin(), own.end());
    for (const ServiceFeatures& bound :
         {round.estimator.seen().least, round.estimator.seen().most}) {
      seen.insert(seen.end(), bound.begin(), bound.end());
    }
    losses.push_back(round.loss);
    told.push_back(round.told_loss);
    ratios.insert(ratios.end(), round.ratios.begin(), round.ratios.end());
  }
  const std::vector<Array> arrays{{"parameters", parameters, "of the network, round by round"},
                                  {"seen", seen, "least and most of each feature, likewise"},
                                  {"losses", losses, "of the fit, by round"},
                                  {"told_losses", told, "of what nodes told, by round"},
                                  {"ratios", ratios, "to the rule, by round and world"}};
  const Attributes attributes{{kContentsAttribute, kContents}, {kPlanAttribute, digest_of(plan)}};
  replace_record(plan.checkpoint, "the checkpoint", [&](const std::filesystem::path& unfinished) {
    return RecordWriter(unfinished, {}, attributes, arrays, {.own_thread = false}).close();
  });
}

std::vector<EstimatorRound> load_rounds(const EstimatorPlan& plan) {
  std::error_code none;
  if (!std::filesystem::exists(plan.checkpoint, none)) refuse(plan, "no such file");
  const RecordReader file(plan.checkpoint);
  const Attributes attributes = file.attributes();
  const auto text = [&](const char* name) {
    const auto found = attributes.find(name);
    const auto* value =
        found == attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
    return value == nullptr ? std::string() : *value;
  };
  std::vector<EstimatorRound> rounds;
  if (text(kContentsAttribute) == kContents) rounds = rounds_in(file.arrays());
  if (rounds.empty() || rounds.front().ratios.size() != plan.judging.size()) {
    refuse(plan, "no rounds of such a training");
  }
  if (text(kPlanAttribute) != digest_of(plan)) refuse(plan, "a training with other options");
  return rounds;
}

}  // namespace weir
