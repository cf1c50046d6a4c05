#include "tools/learning/control/control_checkpoint.hpp"

#include <system_error>

#include "runtime/base/bytes.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/session/version.hpp"

namespace weir {
namespace {

using Numbers = std::vector<double>;

// Of all that makes two trainings the same.
std::string digest_of(const ControlPlan& plan) {
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
  out.number(static_cast<std::uint64_t>(plan.rounds.size()));
  for (const std::vector<Settings>& worlds : plan.rounds) add(worlds);
  add(plan.judging);
  out.number(plan.judging_seeds);
  out.number(plan.updates);
  out.number(static_cast<std::uint64_t>(plan.most_steps));
  out.number(plan.first_epsilon);
  out.number(plan.last_epsilon);
  out.number(plan.seed);
  out.number(plan.learner.seed);
  out.number(static_cast<std::uint64_t>(plan.learner.batch));
  out.number(plan.learner.learning_rate);
  out.number(plan.learner.n_step.discount);
  return std::to_string(hash_of(bytes));
}

[[noreturn]] void refuse(const ControlPlan& plan, const std::string& found) {
  throw Error("the training cannot be resumed", plan.checkpoint.string() + ": " + found,
              "a checkpoint that `weir train control` with the same options has left",
              "the training without --resume");
}

template <typename Values>
const Values& array_of(const std::vector<Array>& arrays, const std::string& name,
                       const ControlPlan& plan) {
  for (const Array& array : arrays) {
    const auto* values = array.name == name ? std::get_if<Values>(&array.values) : nullptr;
    if (values != nullptr) return *values;
  }
  refuse(plan, "no rounds of such a training");
}

}  // namespace

void save_control(const Dqn& learner, const std::vector<ControlRound>& rounds,
                  const ControlPlan& plan) {
  Numbers parameters, losses, errors, ratios;
  for (const ControlRound& round : rounds) {
    for (const auto& [name, tensor] : round.weights.tensors) {
      parameters.insert(parameters.end(), tensor.values.begin(), tensor.values.end());
    }
    losses.push_back(round.loss);
    errors.push_back(round.error);
    ratios.insert(ratios.end(), round.ratios.begin(), round.ratios.end());
  }
  learner.save(
      plan.checkpoint,
      {{"rounds_plan", std::vector<std::string>{digest_of(plan)}, "digest of the training's plan"},
       {"rounds_parameters", parameters, "of the networks, round by round"},
       {"rounds_losses", losses, "of the updates, by round"},
       {"rounds_errors", errors, "of the values of decisions, by round"},
       {"rounds_ratios", ratios, "to the rule, by round and world"}});
}

std::vector<ControlRound> load_control(Dqn& learner, const ControlPlan& plan) {
  std::error_code none;
  if (!std::filesystem::exists(plan.checkpoint, none)) refuse(plan, "no such file");
  const std::vector<Array> arrays = RecordReader(plan.checkpoint).arrays();
  const auto& digest = array_of<std::vector<std::string>>(arrays, "rounds_plan", plan);
  if (digest != std::vector<std::string>{digest_of(plan)}) {
    refuse(plan, "a training with other options");
  }
  const auto& parameters = array_of<Numbers>(arrays, "rounds_parameters", plan);
  const auto& losses = array_of<Numbers>(arrays, "rounds_losses", plan);
  const auto& errors = array_of<Numbers>(arrays, "rounds_errors", plan);
  const auto& ratios = array_of<Numbers>(arrays, "rounds_ratios", plan);
  const WeightFile pattern = learner.weights();
  std::size_t width = 0;
  for (const auto& [name, tensor] : pattern.tensors) width += tensor.values.size();
  const bool fits = !losses.empty() && losses.size() <= plan.rounds.size() &&
                    parameters.size() == losses.size() * width && errors.size() == losses.size() &&
                    ratios.size() == losses.size() * plan.judging.size();
  if (!fits) refuse(plan, "no rounds of such a training");

  std::vector<ControlRound> rounds(losses.size());
  auto next_parameter = parameters.begin();
  auto next_ratio = ratios.begin();
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    rounds[i].weights = pattern;
    for (auto& [name, tensor] : rounds[i].weights.tensors) {
      for (float& value : tensor.values) value = static_cast<float>(*next_parameter++);
    }
    rounds[i].loss = losses[i];
    rounds[i].error = errors[i];
    const auto end = next_ratio + static_cast<std::ptrdiff_t>(plan.judging.size());
    rounds[i].ratios.assign(next_ratio, end);
    next_ratio = end;
  }
  learner.load(plan.checkpoint);
  return rounds;
}

}  // namespace weir
