#include "ml/inference/control_weights.hpp"

#include "ml/inference/shipped_weights.hpp"
#include "runtime/base/error.hpp"

namespace weir {

std::optional<WeightFile> control_weights_of(const ControlWeights& wanted,
                                             const std::string& source) {
  if (source == "none") return std::nullopt;
  const bool is_shipped = source == "shipped";
  if (is_shipped && shipped_weights(wanted.kind).empty()) {
    throw Error("no such network comes with weir", wanted.option + " shipped",
                "none, or a file of `" + wanted.trained + "`", wanted.option + " none");
  }
  return read_or_shipped_weights(is_shipped ? "" : source, wanted.kind, wanted.schema);
}

}  // namespace weir
