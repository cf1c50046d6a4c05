#include "ml/training/control/dqn.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "ml/training/control/learning_progress.hpp"
#include "ml/training/control/parameter_record.hpp"
#include "ml/training/control/q_network.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

// Generators of the same number but another purpose are others.
enum class Purpose : std::uint64_t { kNetwork = 1, kEpisodes, kExploration, kDraw };

std::uint64_t seed_of(const DqnOptions& options, Purpose purpose) {
  return mix_bits(options.seed) + static_cast<std::uint64_t>(purpose);
}

// From `first` to `last`, evenly over `count`.
double between(double first, double last, std::int64_t at, std::int64_t count) {
  if (at >= count) return last;
  return first + (last - first) * static_cast<double>(at) / static_cast<double>(count);
}

// One row of Q-values for each branch of a batch: that of one action.
struct ActionRows {
  std::vector<std::int64_t> rows;     // of QNetwork::forward()
  std::vector<std::int64_t> samples;  // of the batch
  std::vector<float> shares;          // of the sample's decision: 1 / branches

  torch::Tensor row_tensor() const { return torch::tensor(rows, torch::kLong); }
  torch::Tensor sample_tensor() const { return torch::tensor(samples, torch::kLong); }
  torch::Tensor share_tensor() const { return torch::tensor(shares); }
};

// `actions_at(sample, branches, first_row)` names the actions of each decision.
template <typename ActionsAt>
ActionRows action_rows(const QShape& shape, const ObservationBatch& batch, ActionsAt&& actions_at) {
  ActionRows chosen;
  std::int64_t row = 0;
  for (std::size_t sample = 0; sample < batch.size(); ++sample) {
    const ActionBranches branches = branches_at(shape, *batch[sample]);
    const Actions actions = actions_at(sample, branches, static_cast<std::size_t>(row));
    WEIR_CHECK(actions.size() == branches.size(), "an action for every branch");
    for (std::size_t branch = 0; branch < branches.size(); ++branch) {
      chosen.rows.push_back(row + actions[branch]);
      chosen.samples.push_back(static_cast<std::int64_t>(sample));
      chosen.shares.push_back(1 / static_cast<float>(branches.size()));
      row += branches[branch];
    }
  }
  return chosen;
}

std::span<const float> numbers_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

// Huber's loss of each row. With several quantiles every quantile of the wanted return pulls at
// every quantile of the estimate, at one above it with the weight of what should lie above
// (Dabney et al., equation 10).
torch::Tensor huber_losses(const torch::Tensor& found, const torch::Tensor& wanted, double huber) {
  const std::int64_t quantiles = found.size(1);
  const torch::Tensor errors = wanted.unsqueeze(1) - found.unsqueeze(2);
  const torch::Tensor sizes = errors.abs();
  const torch::Tensor losses =
      torch::where(sizes <= huber, 0.5 * errors * errors, huber * (sizes - 0.5 * huber));
  if (quantiles == 1) return losses.flatten();
  const torch::Tensor middles =
      (torch::arange(quantiles, torch::kFloat) + 0.5) / static_cast<double>(quantiles);
  const torch::Tensor is_above = (errors < 0).to(torch::kFloat);
  const torch::Tensor pull = (middles.view({1, -1, 1}) - is_above.detach()).abs();
  return (pull * losses / huber).mean(2).sum(1);
}

// One of the best feasible actions in a branch that is decided at random.
std::uint8_t one_of_the_best(std::span<const float> values, std::span<const std::uint8_t> feasible,
                             std::size_t among, Random& random) {
  std::vector<std::uint8_t> order;
  for (std::size_t action = 0; action < values.size(); ++action) {
    if (feasible.empty() || feasible[action] != 0) {
      order.push_back(static_cast<std::uint8_t>(action));
    }
  }
  std::ranges::stable_sort(order, std::greater(), [&](std::uint8_t a) { return values[a]; });
  return order[random.below(std::min(among, order.size()))];
}

constexpr const char* kShapeAttribute = "shape";

// Where the tables of each part begin in a checkpoint.
struct CheckpointTables {
  std::vector<TableSchema> all = parameter_tables();
  TableIndex parameters{0};
  TableIndex replay = add(PrioritizedReplay::tables());
  TableIndex player = add(EpisodePlayer::tables());
  TableIndex progress = add(progress_tables());

  TableIndex add(const std::vector<TableSchema>& tables) {
    const TableIndex first(static_cast<std::uint16_t>(all.size()));
    all.insert(all.end(), tables.begin(), tables.end());
    return first;
  }
};

}  // namespace

class Dqn::Learner {
 public:
  Learner(QShape shape, DqnOptions options, std::vector<std::unique_ptr<Environment>> environments,
          Curriculum curriculum)
      : shape_(std::move(shape)),
        options_(options),
        player_(std::move(environments), std::move(curriculum), options.n_step,
                seed_of(options, Purpose::kEpisodes)),
        replay_(options.replay),
        online_(shape_, options.quantiles, seed_of(options, Purpose::kNetwork)),
        target_(shape_, options.quantiles, seed_of(options, Purpose::kNetwork)),
        adam_(online_.parameters(),
              torch::optim::AdamOptions(options.learning_rate).eps(options.adam_epsilon)) {
    WEIR_CHECK(options_.batch > 0 && options_.least_transitions > 0, "nothing to learn from");
    WEIR_CHECK(options_.steps_per_update > 0 && options_.updates_per_target > 0, "never learns");
    WEIR_CHECK(options_.huber > 0 && options_.explore_among > 0, "no loss, or nothing to explore");
  }

  LearningReport imitate(std::int64_t steps, std::int64_t updates) {
    LearningReport report;
    for (std::int64_t i = 0; i < steps; ++i) {
      play(Actions(player_.observe().rule_actions), true, report);
    }
    for (std::int64_t i = 0; i < updates; ++i) update(options_.margin_weight, report);
    return with_means(report);
  }

  LearningReport rehearse(std::int64_t updates, bool imitates) {
    LearningReport report;
    for (std::int64_t i = 0; i < updates; ++i) {
      update(imitates ? options_.margin_weight : options_.later_margin_weight, report);
    }
    return with_means(report);
  }

  LearningReport learn(std::int64_t steps) {
    LearningReport report;
    for (std::int64_t i = 0; i < steps; ++i) {
      play(explore(player_.observe()), false, report);
      ++progress_.own_steps;
      if (replay_.size() < options_.least_transitions) continue;
      if (progress_.own_steps % options_.steps_per_update == 0) {
        update(options_.later_margin_weight, report);
      }
    }
    return with_means(report);
  }

  void remember(Transition transition) {
    WEIR_CHECK(is_finite(transition), "a reward or a feature that is no number");
    replay_.add(std::move(transition));
  }

  std::vector<float> values(const Observation& observation) const {
    const torch::NoGradGuard no_gradient;
    const torch::Tensor values = online_.forward({&observation}).mean(1);
    const auto numbers = numbers_of(values);
    return {numbers.begin(), numbers.end()};
  }

  Actions decide(const Observation& observation) const {
    return greedy_actions(branches_at(shape_, observation), values(observation),
                          observation.feasible);
  }

  WeightFile weights() const { return online_.weights(); }
  void begin_with(const WeightFile& weights, const std::filesystem::path& path) {
    online_.set_weights(weights, path);
    target_.copy_from(online_);
    adam_.state().clear();
  }
  Curriculum& curriculum() { return player_.curriculum(); }
  const PrioritizedReplay& replay() const { return replay_; }
  std::int64_t steps() const { return progress_.steps; }
  std::int64_t updates() const { return progress_.updates; }

  RecordOutcome save(const std::filesystem::path& path, const std::vector<Array>& notes) const {
    const CheckpointTables tables;
    RecordWriter record(path, tables.all, {{kShapeAttribute, text()}}, notes,
                        {.own_thread = false});
    append_parameters(online_, target_, adam_, record, tables.parameters);
    replay_.append_to(record, tables.replay);
    player_.append_to(record, tables.player);
    append_progress(progress_, record, tables.progress);
    return record.close();
  }

  void load(const std::filesystem::path& path) {
    const RecordReader record(path);
    const Attributes attributes = record.attributes();
    const auto shape = attributes.find(kShapeAttribute);
    const std::string needed = text();
    if (shape == attributes.end() || shape->second != AttributeValue(needed)) {
      const auto* text =
          shape == attributes.end() ? nullptr : std::get_if<std::string>(&shape->second);
      throw Error("learning cannot be resumed",
                  path.string() + ": " + (text == nullptr ? "no learner that was saved" : *text),
                  needed, "learning from the start");
    }
    read_parameters(record, path, online_, target_, adam_);
    replay_.read_from(record, path);
    for (std::size_t place = 0; place < replay_.size(); ++place) {
      if (fits(shape_, replay_.at(place))) continue;
      throw Error("learning cannot be resumed",
                  path.string() + ": transition " + std::to_string(place) + " is of another shape",
                  needed, "learning from the start");
    }
    player_.read_from(record, path);
    progress_ = read_progress(record, path);
  }

 private:
  std::string text() const {
    std::string text = text_of(shape_) + " quantiles " + std::to_string(options_.quantiles);
    for (const std::string& name : player_.curriculum().scenarios()) text += " scenario " + name;
    return text;
  }

  void play(const Actions& actions, bool by_rule, LearningReport& report) {
    EpisodePlayer::Outcome outcome = player_.act(actions, by_rule);
    for (Transition& transition : outcome.transitions) remember(std::move(transition));
    if (outcome.over) report.episodes.push_back(*outcome.over);
    ++progress_.steps;
  }

  Actions explore(const Observation& observation) const {
    const double epsilon = between(options_.first_epsilon, options_.last_epsilon,
                                   progress_.own_steps, options_.epsilon_steps);
    Random random(seed_of(options_, Purpose::kExploration),
                  static_cast<std::uint64_t>(progress_.own_steps));
    const ActionBranches branches = branches_at(shape_, observation);
    const std::vector<float> all = values(observation);
    WEIR_CHECK(std::ranges::all_of(all, [](float value) { return std::isfinite(value); }),
               "learning has diverged: a Q-value is no number");
    Actions actions = greedy_actions(branches, all, observation.feasible);
    std::size_t first = 0;
    for (std::size_t branch = 0; branch < branches.size(); ++branch) {
      const std::size_t count = branches[branch];
      if (random.uniform() < epsilon) {
        const std::span<const std::uint8_t> mask(observation.feasible);
        actions[branch] = one_of_the_best(std::span(all).subspan(first, count),
                                          mask.empty() ? mask : mask.subspan(first, count),
                                          options_.explore_among, random);
      }
      first += count;
    }
    return actions;
  }

  void update(double margin_weight, LearningReport& report) {
    const double beta = between(options_.first_beta, 1, progress_.updates, options_.beta_updates);
    Random random(seed_of(options_, Purpose::kDraw), static_cast<std::uint64_t>(progress_.updates));
    const PrioritizedReplay::Draw draw = replay_.draw(options_.batch, beta, random);
    std::vector<const Transition*> batch;
    ObservationBatch seen;
    for (const std::size_t place : draw.places) {
      batch.push_back(&replay_.at(place));
      seen.push_back(&batch.back()->observation);
    }

    const torch::Tensor wanted = wanted_returns(batch);
    const torch::Tensor all = online_.forward(seen);
    const ActionRows taken = action_rows(
        shape_, seen, [&](std::size_t sample, const auto&, std::size_t) -> const Actions& {
          return batch[sample]->actions;
        });
    const torch::Tensor found = all.index_select(0, taken.row_tensor());
    const torch::Tensor wanted_of_branch = wanted.index_select(0, taken.sample_tensor());
    const std::vector<float> sample_weights(draw.weights.begin(), draw.weights.end());
    const torch::Tensor weights = torch::tensor(sample_weights) / static_cast<double>(batch.size());
    const torch::Tensor branch_weights =
        taken.share_tensor() * weights.index_select(0, taken.sample_tensor());
    torch::Tensor loss =
        (huber_losses(found, wanted_of_branch, options_.huber) * branch_weights).sum();
    if (margin_weight > 0) loss = loss + margin_weight * margin_loss(batch, seen, all);

    const double loss_number = loss.item<double>();
    WEIR_CHECK(std::isfinite(loss_number), "learning has diverged: the loss is no number");
    adam_.zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(online_.parameters(), options_.clip_norm);
    adam_.step();
    ++progress_.updates;
    if (progress_.updates % options_.updates_per_target == 0) target_.copy_from(online_);

    const torch::Tensor errors =
        (wanted_of_branch.mean(1) - found.detach().mean(1)).abs().contiguous();
    std::vector<double> sample_errors(batch.size());
    for (std::size_t i = 0; i < taken.rows.size(); ++i) {
      sample_errors[static_cast<std::size_t>(taken.samples[i])] +=
          static_cast<double>(taken.shares[i] * numbers_of(errors)[i]);
    }
    replay_.set_errors(draw.places, sample_errors);
    ++report.updates;
    report.loss += loss_number;
    report.error += std::accumulate(sample_errors.begin(), sample_errors.end(), 0.0) /
                    static_cast<double>(batch.size());
    report.value += found.mean().item<double>();
  }

  // One row for each transition, one column for each quantile.
  torch::Tensor wanted_returns(const std::vector<const Transition*>& batch) const {
    const torch::NoGradGuard no_gradient;
    std::vector<float> rewards;
    ObservationBatch next;
    std::vector<std::int64_t> goes_on;  // the transitions after which something comes
    std::vector<float> discounts;       // of these
    for (std::size_t i = 0; i < batch.size(); ++i) {
      rewards.push_back(static_cast<float>(batch[i]->reward));
      if (batch[i]->discount == 0) continue;
      next.push_back(&batch[i]->next);
      goes_on.push_back(static_cast<std::int64_t>(i));
      discounts.push_back(static_cast<float>(batch[i]->discount));
    }
    torch::Tensor wanted = torch::tensor(rewards).unsqueeze(1).repeat({1, options_.quantiles});
    if (next.empty()) return wanted;
    const torch::Tensor values = online_.forward(next).mean(1);
    const ActionRows best = action_rows(
        shape_, next, [&](std::size_t sample, const ActionBranches& branches, std::size_t row) {
          return greedy_actions(branches, numbers_of(values).subspan(row, action_count(branches)),
                                next[sample]->feasible);
        });
    const torch::Tensor worth =
        target_.forward(next).index_select(0, best.row_tensor()) * best.share_tensor().unsqueeze(1);
    const torch::Tensor worth_of_decision =
        torch::zeros({static_cast<std::int64_t>(next.size()), options_.quantiles})
            .index_add(0, best.sample_tensor(), worth);
    return wanted.index_add(0, torch::tensor(goes_on, torch::kLong),
                            torch::tensor(discounts).unsqueeze(1) * worth_of_decision);
  }

  // In every branch of a demonstration: max(Q(a) + margin, of all other actions; Q(rule)) -
  // Q(rule).
  torch::Tensor margin_loss(const std::vector<const Transition*>& batch,
                            const ObservationBatch& seen, const torch::Tensor& all) const {
    const torch::Tensor means = all.mean(1);
    std::vector<float> raised(numbers_of(means).begin(), numbers_of(means).end());
    for (float& value : raised) value += static_cast<float>(options_.margin);
    // Where the rule's action, which is not raised, is the best, or nobody demonstrated anything,
    // rule and rival are the same row.
    const ActionRows rule = action_rows(
        shape_, seen, [&](std::size_t sample, const ActionBranches& branches, std::size_t row) {
          const Actions& actions = batch[sample]->actions;
          for (std::size_t b = 0; b < branches.size(); row += branches[b++]) {
            raised[row + actions[b]] -= static_cast<float>(options_.margin);
          }
          return actions;
        });
    const ActionRows rival = action_rows(
        shape_, seen, [&](std::size_t sample, const ActionBranches& branches, std::size_t row) {
          if (!batch[sample]->is_demonstration) return batch[sample]->actions;
          return greedy_actions(branches, std::span(raised).subspan(row, action_count(branches)),
                                seen[sample]->feasible);
        });
    std::vector<float> margins;
    for (std::size_t i = 0; i < rule.rows.size(); ++i) {
      margins.push_back(rival.rows[i] == rule.rows[i] ? 0 : static_cast<float>(options_.margin));
    }
    const torch::Tensor gap = means.index_select(0, rival.row_tensor()) + torch::tensor(margins) -
                              means.index_select(0, rule.row_tensor());
    return (gap * rule.share_tensor()).sum() / static_cast<double>(batch.size());
  }

  static LearningReport with_means(LearningReport report) {
    const auto updates = static_cast<double>(report.updates);
    report.loss /= updates;
    report.error /= updates;
    report.value /= updates;
    return report;
  }

  const QShape shape_;
  const DqnOptions options_;
  EpisodePlayer player_;
  PrioritizedReplay replay_;
  QNetwork online_;
  QNetwork target_;
  torch::optim::Adam adam_;
  LearningProgress progress_;
};

Dqn::Dqn(QShape shape, DqnOptions options, std::vector<std::unique_ptr<Environment>> environments,
         Curriculum curriculum) {
  torch::set_num_threads(1);
  learner_ = std::make_unique<Learner>(std::move(shape), options, std::move(environments),
                                       std::move(curriculum));
}

Dqn::~Dqn() = default;

LearningReport Dqn::imitate(std::int64_t steps, std::int64_t updates) {
  return learner_->imitate(steps, updates);
}
LearningReport Dqn::learn(std::int64_t steps) { return learner_->learn(steps); }
void Dqn::remember(Transition transition) { learner_->remember(std::move(transition)); }
LearningReport Dqn::rehearse(std::int64_t updates, bool imitates) {
  return learner_->rehearse(updates, imitates);
}

std::vector<float> Dqn::values(const Observation& observation) const {
  return learner_->values(observation);
}
Actions Dqn::decide(const Observation& observation) const { return learner_->decide(observation); }
WeightFile Dqn::weights() const { return learner_->weights(); }
void Dqn::begin_with(const WeightFile& weights, const std::filesystem::path& path) {
  learner_->begin_with(weights, path);
}

Curriculum& Dqn::curriculum() { return learner_->curriculum(); }
const PrioritizedReplay& Dqn::replay() const { return learner_->replay(); }
std::int64_t Dqn::steps() const { return learner_->steps(); }
std::int64_t Dqn::updates() const { return learner_->updates(); }

void Dqn::save(const std::filesystem::path& path, const std::vector<Array>& notes) const {
  replace_record(path, "the checkpoint", [&](const std::filesystem::path& unfinished) {
    return learner_->save(unfinished, notes);
  });
}
void Dqn::load(const std::filesystem::path& path) { learner_->load(path); }

}  // namespace weir
