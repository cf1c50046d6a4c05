// What was learned, in a file: named tensors, and where they come from. HDF5, read anywhere:
//
//   /       attributes kind, schema, and any the training adds: seed, scenarios, date, figures
//   /NAME   the values of one tensor, last index fastest; attribute shape.NAME says which numbers
//           of rows and columns it has, as "8x14"

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/record/column.hpp"

namespace weir {

struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;  // last index fastest; as many as the product of the shape
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

struct WeightFile {
  std::string kind;         // of network, such as "forecaster": who can use it
  std::int64_t schema = 0;  // the version of its inputs and outputs
  std::map<std::string, Tensor> tensors = {};
  // How it came about. Names of its own: neither kind nor schema nor shape.NAME.
  Attributes provenance = {};
};

// Replaces a file of that name in one step. Throws Error, and leaves it as it was, when it cannot
// be written or a tensor holds a number that is not finite.
void write_weights(const WeightFile& weights, const std::filesystem::path& path);

// For who writes only after hours of work. Throws Error where no file can be made there, because
// the folder is missing or closed, or where what is there is no file of weights.
void check_place_of_weights(const std::filesystem::path& path);

// Throws Error for what is no such file, is of another kind or schema, or is not whole: a tensor
// whose values are not as many as its shape says, or not all finite.
WeightFile read_weights(const std::filesystem::path& path, const std::string& kind,
                        std::int64_t schema);

// The same of such a file that lies in memory; errors call it `name`.
WeightFile read_weights(std::span<const std::byte> image, const std::filesystem::path& name,
                        const std::string& kind, std::int64_t schema);

// Of kind, schema and tensors, however they came about: equal on every platform.
std::uint64_t fingerprint(const WeightFile& weights);

// The tensor of that name. Throws Error where there is none, or one of another shape; `path` is for
// the message.
const Tensor& tensor_of(const WeightFile& weights, const std::string& name,
                        const std::vector<std::size_t>& shape, const std::filesystem::path& path);

}  // namespace weir
