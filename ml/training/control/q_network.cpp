#include "ml/training/control/q_network.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

// One kind of features of all observations, row by row.
torch::Tensor rows_of(const ObservationBatch& batch, std::vector<float> Observation::*features,
                      std::size_t width) {
  std::size_t numbers = 0;
  for (const Observation* seen : batch) numbers += (seen->*features).size();
  WEIR_CHECK(width == 0 ? numbers == 0 : numbers % width == 0, "features of another shape");
  const auto rows = width == 0 ? signed_size(batch.size()) : signed_size(numbers / width);
  torch::Tensor all = torch::empty({rows, signed_size(width)});
  float* place = all.data_ptr<float>();
  for (const Observation* seen : batch) place = std::ranges::copy(seen->*features, place).out;
  return all;
}

// Which nodes and pairs of node and class belong together, and in which order values leave.
struct SetIndex {
  std::vector<std::int64_t> sample_of_node;
  std::vector<std::int64_t> sample_of_pair;
  std::vector<std::int64_t> node_of_pair;
  std::vector<std::int64_t> nodes_of_sample;
  // Of each value in the order of the branches: its row among those of all pairs, followed by those
  // of all sets.
  std::vector<std::int64_t> order;
};

SetIndex index_of(const ObservationBatch& batch, const NodeSetShape& shape) {
  SetIndex index;
  for (std::size_t sample = 0; sample < batch.size(); ++sample) {
    const NodeSet set = node_set(*batch[sample]);
    const std::size_t nodes = nodes_in(shape, set);
    const std::size_t classes = classes_in(shape, set);
    index.nodes_of_sample.push_back(signed_size(nodes));
    for (std::size_t node = 0; node < nodes; ++node) {
      const auto number = signed_size(index.sample_of_node.size());
      index.node_of_pair.insert(index.node_of_pair.end(), classes, number);
      index.sample_of_node.push_back(signed_size(sample));
    }
    index.sample_of_pair.insert(index.sample_of_pair.end(), nodes * classes, signed_size(sample));
  }
  const auto set_actions = signed_size(action_count(shape.set_branches));
  const auto node_actions = signed_size(shape.node_actions);
  std::int64_t pair_value = 0;
  std::int64_t set_value = signed_size(index.sample_of_pair.size()) * node_actions;
  std::size_t pair = 0;
  for (std::size_t sample = 0; sample < batch.size(); ++sample) {
    for (; pair < index.sample_of_pair.size() && index.sample_of_pair[pair] == signed_size(sample);
         ++pair) {
      for (std::int64_t a = 0; a < node_actions; ++a) index.order.push_back(pair_value++);
    }
    for (std::int64_t a = 0; a < set_actions; ++a) index.order.push_back(set_value++);
  }
  return index;
}

torch::Tensor index_tensor(const std::vector<std::int64_t>& numbers) {
  return torch::tensor(numbers, torch::kLong);
}

// The largest of each column over each sample's rows. The place of the largest is found outside
// LibTorch: the gradient goes to the first of equals, always.
torch::Tensor largest_by_sample(const torch::Tensor& rows, const SetIndex& index) {
  const std::int64_t columns = rows.size(1);
  const torch::Tensor places =
      torch::empty({signed_size(index.nodes_of_sample.size()), columns}, torch::kLong);
  const float* values = rows.data_ptr<float>();
  std::int64_t* place = places.data_ptr<std::int64_t>();
  std::int64_t first = 0;
  for (const std::int64_t nodes : index.nodes_of_sample) {
    for (std::int64_t column = 0; column < columns; ++column) {
      std::int64_t best = first;
      for (std::int64_t row = first + 1; row < first + nodes; ++row) {
        if (values[row * columns + column] > values[best * columns + column]) best = row;
      }
      *place++ = best;
    }
    first += nodes;
  }
  return rows.gather(0, places);
}

torch::Tensor mean_by_sample(const torch::Tensor& rows, const SetIndex& index) {
  const auto samples = signed_size(index.nodes_of_sample.size());
  const torch::Tensor sums =
      torch::zeros({samples, rows.size(1)}).index_add(0, index_tensor(index.sample_of_node), rows);
  return sums / index_tensor(index.nodes_of_sample).unsqueeze(1);
}

// V + A - mean(A), from rows of V and the advantages of several branches. Columns: quantiles.
torch::Tensor dueling_values(const torch::Tensor& outputs, const ActionBranches& branches) {
  std::vector<torch::Tensor> values;
  std::int64_t first = 1;
  for (const std::uint8_t actions : branches) {
    const torch::Tensor advantages = outputs.slice(1, first, first + actions);
    values.push_back(outputs.slice(1, 0, 1) + advantages - advantages.mean(1, true));
    first += actions;
  }
  return torch::cat(values, 1);
}

}  // namespace

QNetwork::QNetwork(QShape shape, std::int64_t quantiles, std::uint64_t seed)
    : shape_(std::move(shape)), quantiles_(quantiles) {
  check(shape_);
  WEIR_CHECK(quantiles > 0, "a return without quantiles");
  const auto per_quantile = [&](std::vector<std::size_t> sizes) {
    sizes.back() *= static_cast<std::size_t>(quantiles);
    return sizes;
  };
  if (const auto* dense = std::get_if<DenseShape>(&shape_)) {
    std::vector<std::size_t> sizes{dense->inputs};
    sizes.insert(sizes.end(), dense->hidden.begin(), dense->hidden.end());
    sizes.push_back(1 + action_count(dense->branches));
    whole_ = add_part("q", per_quantile(sizes), seed);
    return;
  }
  const auto& set = std::get<NodeSetShape>(shape_);
  node_ = add_part("node", node_network_sizes(set), seed);
  head_ = add_part("head", per_quantile(head_network_sizes(set)), seed);
  whole_ = add_part("set", per_quantile(set_network_sizes(set)), seed);
}

QNetwork::Part QNetwork::add_part(const std::string& name, const std::vector<std::size_t>& sizes,
                                  std::uint64_t seed) {
  const Part part{.name = name, .first = parameters_.size() / 2, .layers = sizes.size() - 1};
  for (std::size_t i = 0; i < part.layers; ++i) {
    const double width = 1 / std::sqrt(static_cast<double>(sizes[i]));
    for (const bool is_weight : {true, false}) {
      Random random(seed, parameters_.size());
      torch::Tensor tensor = is_weight
                                 ? torch::empty({signed_size(sizes[i + 1]), signed_size(sizes[i])})
                                 : torch::empty({signed_size(sizes[i + 1])});
      const std::span numbers(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
      for (float& number : numbers) {
        number = static_cast<float>(width * (2 * random.uniform() - 1));
      }
      parameters_.push_back(tensor.requires_grad_());
    }
  }
  return part;
}

torch::Tensor QNetwork::through(const Part& part, torch::Tensor rows,
                                std::size_t from_layer) const {
  for (std::size_t i = from_layer; i < part.layers; ++i) {
    if (i > from_layer) rows = torch::relu(rows);
    rows = torch::linear(rows, weight(part.first + i), bias(part.first + i));
  }
  return rows;
}

torch::Tensor QNetwork::forward(const ObservationBatch& batch) const {
  WEIR_CHECK(!batch.empty(), "nothing to look at");
  if (const auto* set = std::get_if<NodeSetShape>(&shape_)) return forward_set(batch, *set);
  return forward_dense(batch);
}

torch::Tensor QNetwork::forward_dense(const ObservationBatch& batch) const {
  const auto& shape = std::get<DenseShape>(shape_);
  const torch::Tensor outputs =
      through(whole_, rows_of(batch, &Observation::context, shape.inputs));
  const torch::Tensor by_output = outputs.view({signed_size(batch.size()), -1, quantiles_});
  return dueling_values(by_output, shape.branches).reshape({-1, quantiles_});
}

torch::Tensor QNetwork::forward_set(const ObservationBatch& batch,
                                    const NodeSetShape& shape) const {
  const SetIndex index = index_of(batch, shape);
  const torch::Tensor sample_of_pair = index_tensor(index.sample_of_pair);
  const torch::Tensor embeddings =
      torch::relu(through(node_, rows_of(batch, &Observation::nodes, shape.node_features)));
  const torch::Tensor set =
      torch::cat({mean_by_sample(embeddings, index), largest_by_sample(embeddings, index),
                  rows_of(batch, &Observation::context, shape.context_features)},
                 1);
  const torch::Tensor outputs = through(whole_, set).view({set.size(0), -1, quantiles_});

  // The head's first layer in parts, so that what many pairs share is computed once.
  const auto embedding = signed_size(kNodeEmbedding);
  const auto with_class = embedding + signed_size(shape.class_features);
  const torch::Tensor first = weight(head_.first);
  const torch::Tensor by_node = torch::linear(embeddings, first.slice(1, 0, embedding));
  const torch::Tensor by_class =
      torch::linear(rows_of(batch, &Observation::classes, shape.class_features),
                    first.slice(1, embedding, with_class));
  const torch::Tensor by_set =
      torch::linear(set, first.slice(1, with_class, first.size(1)), bias(head_.first));
  const torch::Tensor hidden =
      torch::relu(by_node.index_select(0, index_tensor(index.node_of_pair)) + by_class +
                  by_set.index_select(0, sample_of_pair));
  const torch::Tensor advantages =
      through(head_, hidden, 1).view({-1, signed_size(shape.node_actions), quantiles_});
  const torch::Tensor value = outputs.slice(1, 0, 1).index_select(0, sample_of_pair);
  const torch::Tensor of_pairs =
      (value + advantages - advantages.mean(1, true)).reshape({-1, quantiles_});
  if (shape.set_branches.empty()) return of_pairs;
  const torch::Tensor of_sets =
      dueling_values(outputs, shape.set_branches).reshape({-1, quantiles_});
  return torch::cat({of_pairs, of_sets}).index_select(0, index_tensor(index.order));
}

void QNetwork::copy_from(const QNetwork& other) {
  const torch::NoGradGuard no_gradient;
  WEIR_CHECK(parameters_.size() == other.parameters_.size(), "a network of another shape");
  for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i].copy_(other.parameters_[i]);
}

WeightFile QNetwork::weights() const {
  const torch::NoGradGuard no_gradient;
  WeightFile weights{.kind = NodeSetNetwork::kKind};
  store_shape(text_of(shape_), weights);
  const auto mean = [&](const torch::Tensor& outputs) {
    return outputs.unflatten(0, {-1, quantiles_}).mean(1);
  };
  if (const auto* dense = std::get_if<DenseShape>(&shape_)) {
    // V + A - mean(A) is linear: it becomes part of the last layer.
    store(whole_, weights, [&](const torch::Tensor& outputs) {
      return dueling_values(mean(outputs).unsqueeze(0), dense->branches).squeeze(0);
    });
    return weights;
  }
  store(node_, weights, [](const torch::Tensor& outputs) { return outputs; });
  store(head_, weights, mean);
  store(whole_, weights, mean);
  return weights;
}

void QNetwork::store(const Part& part, WeightFile& weights, const OfLast& of_last) const {
  for (std::size_t i = 0; i < part.layers; ++i) {
    for (const bool is_weight : {true, false}) {
      const torch::Tensor own = is_weight ? weight(part.first + i) : bias(part.first + i);
      const torch::Tensor tensor = i + 1 == part.layers ? of_last(own).contiguous() : own;
      const float* numbers = tensor.data_ptr<float>();
      Tensor stored{.values = {numbers, numbers + tensor.numel()}};
      for (const std::int64_t size : tensor.sizes()) {
        stored.shape.push_back(static_cast<std::size_t>(size));
      }
      const std::string name = part.name + "." + std::to_string(i);
      weights.tensors[name + (is_weight ? ".weight" : ".bias")] = std::move(stored);
    }
  }
}

void QNetwork::set_weights(const WeightFile& from, const std::filesystem::path& path) {
  const torch::NoGradGuard no_gradient;
  for (const auto& [name, own] : weights().tensors) tensor_of(from, name, own.shape, path);
  const auto* dense = std::get_if<DenseShape>(&shape_);
  require_shape(text_of(shape_),
                dense ? dense->branches : std::get<NodeSetShape>(shape_).set_branches, from, path);
  const auto repeated = [&](const torch::Tensor& stored) {
    return stored.repeat_interleave(quantiles_, 0);
  };
  if (dense != nullptr) {
    // All branches have the same mean, the value; the Q-values themselves do for advantages.
    restore(whole_, from, [&](const torch::Tensor& stored) {
      const torch::Tensor value = stored.slice(0, 0, dense->branches.front()).mean(0, true);
      return repeated(torch::cat({value, stored}));
    });
    return;
  }
  restore(node_, from, [](const torch::Tensor& stored) { return stored; });
  restore(head_, from, repeated);
  restore(whole_, from, repeated);
}

void QNetwork::restore(const Part& part, const WeightFile& weights, const OfLast& of_last) {
  for (std::size_t i = 0; i < part.layers; ++i) {
    for (const bool is_weight : {true, false}) {
      const std::string name = part.name + "." + std::to_string(i);
      const Tensor& stored = weights.tensors.at(name + (is_weight ? ".weight" : ".bias"));
      const std::vector<std::int64_t> sizes(stored.shape.begin(), stored.shape.end());
      const torch::Tensor tensor = torch::tensor(stored.values).view(sizes);
      parameters_[2 * (part.first + i) + (is_weight ? 0 : 1)].copy_(
          i + 1 == part.layers ? of_last(tensor) : tensor);
    }
  }
}

}  // namespace weir
