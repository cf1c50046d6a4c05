#include "ml/training/control/parameter_record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

using torch::optim::AdamParamState;

const std::string kParameters = "parameters";
const std::string kAdam = "adam";

// Nothing before the first step.
const AdamParamState* state_of(const torch::optim::Adam& adam, const torch::Tensor& parameter) {
  const auto found = adam.state().find(c10::guts::to_string(parameter.unsafeGetTensorImpl()));
  return found == adam.state().end() ? nullptr
                                     : static_cast<const AdamParamState*>(found->second.get());
}

std::uint32_t bits(const torch::Tensor& tensor, std::int64_t place) {
  return std::bit_cast<std::uint32_t>(tensor.data_ptr<float>()[place]);
}

// The numbers of a column that follow those already taken, as a tensor like another.
torch::Tensor take_like(const torch::Tensor& other, const std::vector<std::uint32_t>& column,
                        std::size_t taken) {
  torch::Tensor tensor = torch::empty(other.sizes());
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = std::bit_cast<float>(column[taken + static_cast<std::size_t>(i)]);
  }
  return tensor;
}

bool is_number(std::uint32_t bits) { return std::isfinite(std::bit_cast<float>(bits)); }

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& found,
                         const std::string& needed) {
  throw Error("the networks cannot be read", path.string() + ": " + found, needed,
              "learning from the start");
}

}  // namespace

std::vector<TableSchema> parameter_tables() {
  const auto column = [](const char* name, const char* what) {
    return Column{name, ColumnType::kUint32, what};
  };
  return {{kParameters,
           {column("online", "of the network that learns: single precision, as its 32 bits"),
            column("target", "of its older copy"),
            column("first_moment", "Adam's mean of the gradient"),
            column("second_moment", "Adam's mean of its square")}},
          {kAdam, {{"steps", ColumnType::kInt64, "that Adam has taken"}}}};
}

void append_parameters(const QNetwork& online, const QNetwork& target,
                       const torch::optim::Adam& adam, RecordWriter& record, TableIndex first) {
  std::int64_t steps = 0;
  for (std::size_t p = 0; p < online.parameters().size(); ++p) {
    const torch::Tensor& own = online.parameters()[p];
    const AdamParamState* state = state_of(adam, own);
    if (state != nullptr) steps = state->step();
    for (std::int64_t i = 0; i < own.numel(); ++i) {
      record.append(first, bits(own, i), bits(target.parameters()[p], i),
                    state == nullptr ? 0U : bits(state->exp_avg(), i),
                    state == nullptr ? 0U : bits(state->exp_avg_sq(), i));
    }
  }
  record.append(TableIndex(static_cast<std::uint16_t>(first.value() + 1)), steps);
}

void read_parameters(const RecordReader& record, const std::filesystem::path& path,
                     QNetwork& online, QNetwork& target, torch::optim::Adam& adam) {
  const torch::NoGradGuard no_gradient;
  const auto own = record.column<std::uint32_t>({}, kParameters, "online");
  const auto older = record.column<std::uint32_t>({}, kParameters, "target");
  const auto first_moment = record.column<std::uint32_t>({}, kParameters, "first_moment");
  const auto second_moment = record.column<std::uint32_t>({}, kParameters, "second_moment");
  const auto steps = record.column<std::int64_t>({}, kAdam, "steps");
  std::size_t needed = 0;
  for (const torch::Tensor& tensor : online.parameters()) {
    needed += static_cast<std::size_t>(tensor.numel());
  }
  if (own.size() != needed || steps.size() != 1) {
    refuse(path, std::to_string(own.size()) + " parameters", std::to_string(needed));
  }
  for (const auto* column : {&own, &older, &first_moment, &second_moment}) {
    if (!std::ranges::all_of(*column, is_number)) refuse(path, "a number that is none", "numbers");
  }
  if (steps[0] < 0) refuse(path, std::to_string(steps[0]) + " steps of Adam", "none or more");
  adam.state().clear();
  std::size_t taken = 0;
  for (std::size_t p = 0; p < online.parameters().size(); ++p) {
    const torch::Tensor& tensor = online.parameters()[p];
    tensor.copy_(take_like(tensor, own, taken));
    target.parameters()[p].copy_(take_like(tensor, older, taken));
    if (steps[0] > 0) {
      auto state = std::make_unique<AdamParamState>();
      state->step(steps[0]);
      state->exp_avg(take_like(tensor, first_moment, taken));
      state->exp_avg_sq(take_like(tensor, second_moment, taken));
      adam.state()[c10::guts::to_string(tensor.unsafeGetTensorImpl())] = std::move(state);
    }
    taken += static_cast<std::size_t>(tensor.numel());
  }
}

}  // namespace weir
