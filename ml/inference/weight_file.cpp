#include "ml/inference/weight_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

#include "runtime/base/bytes.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

constexpr const char* kContentsAttribute = "weir_contents";
constexpr const char* kContents = "weights";
constexpr const char* kKind = "kind";
constexpr const char* kSchema = "schema";
const std::string kShape = "shape.";

std::string text_of(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

// Nothing for what is no shape, or one of more numbers than any network here has.
std::optional<std::vector<std::size_t>> shape_of(const std::string& text) {
  constexpr std::size_t kMostNumbers = 1 << 24;
  std::vector<std::size_t> shape;
  std::size_t numbers = 1;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    std::size_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size == 0 || size > kMostNumbers / numbers) return std::nullopt;
    numbers *= size;
    shape.push_back(size);
    if (next == end) return shape;
    if (*next != 'x') return std::nullopt;
    at = next + 1;
  }
}

std::size_t numbers_in(const std::vector<std::size_t>& shape) {
  std::size_t numbers = 1;
  for (const std::size_t size : shape) numbers *= size;
  return numbers;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& found,
                         const std::string& needed) {
  throw Error("the weights cannot be used", path.string() + ": " + found, needed,
              "a file that `weir train` of this version has written");
}

RecordOutcome write_all(const WeightFile& weights, const std::filesystem::path& path) {
  Attributes attributes = weights.provenance;
  attributes[kContentsAttribute] = kContents;
  attributes[kKind] = weights.kind;
  attributes[kSchema] = weights.schema;
  std::vector<Array> arrays;
  for (const auto& [name, tensor] : weights.tensors) {
    WEIR_CHECK(tensor.values.size() == numbers_in(tensor.shape), "a tensor that is not its shape");
    attributes[kShape + name] = text_of(tensor.shape);
    arrays.push_back(
        {name, std::vector<double>(tensor.values.begin(), tensor.values.end()), "a tensor"});
  }
  return RecordWriter(path, {}, attributes, arrays, {.own_thread = false}).close();
}

bool is_finite(const Tensor& tensor) {
  return std::ranges::all_of(tensor.values, [](float value) { return std::isfinite(value); });
}

Tensor tensor_in(const Array& array, const Attributes& attributes,
                 const std::filesystem::path& path) {
  const auto* values = std::get_if<std::vector<double>>(&array.values);
  const auto shape = attributes.find(kShape + array.name);
  const auto* text = shape == attributes.end() ? nullptr : std::get_if<std::string>(&shape->second);
  const auto parsed = text == nullptr ? std::nullopt : shape_of(*text);
  if (values == nullptr || !parsed || values->size() != numbers_in(*parsed)) {
    refuse(path, "'" + array.name + "' is not a whole tensor", "as many numbers as its shape says");
  }
  Tensor tensor{.shape = *parsed, .values = {values->begin(), values->end()}};
  if (!is_finite(tensor)) {
    refuse(path, "'" + array.name + "' has a number that is not finite", "finite weights");
  }
  return tensor;
}

struct Contents {
  Attributes attributes;
  std::vector<Array> arrays;
};

// Opens the file `open` gives. The reader of records speaks of the runs that `weir run` and `weir
// simulate` record.
template <typename Open>
Contents contents_of(const std::filesystem::path& path, Open open) {
  try {
    const RecordReader file = open();
    return {file.attributes(), file.arrays()};
  } catch (const Error& error) {
    refuse(path, error.found(), "a file of weights");
  }
}

WeightFile weights_in(const Contents& file, const std::filesystem::path& path) {
  WeightFile weights;
  const Attributes& attributes = file.attributes;
  const auto text = [&](const char* name) {
    const auto found = attributes.find(name);
    const auto* value =
        found == attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
    return value == nullptr ? std::string() : *value;
  };
  if (text(kContentsAttribute) != kContents) refuse(path, "no weights", "a file of weights");
  weights.kind = text(kKind);
  const auto schema = attributes.find(kSchema);
  if (schema != attributes.end()) {
    if (const auto* number = std::get_if<std::int64_t>(&schema->second)) weights.schema = *number;
  }
  for (const Array& array : file.arrays) {
    weights.tensors[array.name] = tensor_in(array, attributes, path);
  }
  for (const auto& [name, value] : attributes) {
    const bool is_own =
        name == kKind || name == kSchema || name.starts_with(kShape) || name.starts_with("weir_");
    if (!is_own) weights.provenance[name] = value;
  }
  return weights;
}

WeightFile of_kind(WeightFile weights, const std::filesystem::path& path, const std::string& kind,
                   std::int64_t schema) {
  if (weights.kind == kind && weights.schema == schema) return weights;
  refuse(path, "weights of a " + weights.kind + ", schema " + std::to_string(weights.schema),
         "a " + kind + ", schema " + std::to_string(schema));
}

}  // namespace

void write_weights(const WeightFile& weights, const std::filesystem::path& path) {
  for (const auto& [name, tensor] : weights.tensors) {
    if (is_finite(tensor)) continue;
    throw Error("the weights cannot be written",
                path.string() + ": '" + name + "' has a number that is not finite",
                "finite weights, as whoever reads them demands",
                "another seed: the training has diverged");
  }
  replace_record(path, "the weights", [&](const std::filesystem::path& unfinished) {
    return write_all(weights, unfinished);
  });
}

namespace {

bool holds_weights(const std::filesystem::path& path) {
  try {
    const Attributes attributes = RecordReader(path).attributes();
    const auto found = attributes.find(kContentsAttribute);
    if (found == attributes.end()) return false;
    const auto* const contents = std::get_if<std::string>(&found->second);
    return contents != nullptr && *contents == kContents;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void check_place_of_weights(const std::filesystem::path& path) {
  const auto refuse_place = [&](const std::string& found, const std::string& needed) {
    throw Error("the weights cannot be written", path.string() + ": " + found, needed,
                "another place, or mkdir -p FOLDER first");
  };
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!path.has_filename() || std::filesystem::is_directory(path, ignored)) {
    refuse_place("a folder", "the name of a file");
  }
  if (!std::filesystem::is_directory(folder, ignored)) {
    refuse_place("no folder " + folder.string(), "an existing folder");
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    refuse_place("a folder closed to this user", "a folder in which this user may make files");
  }
  if (!std::filesystem::exists(path, ignored)) return;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    refuse_place("a pipe or device", "the name of a file");
  }
  if (!holds_weights(path)) {
    refuse_place("a file that holds no weights", "a free name, or weights to replace");
  }
}

WeightFile read_weights(const std::filesystem::path& path, const std::string& kind,
                        std::int64_t schema) {
  const Contents contents = contents_of(path, [&] { return RecordReader(path); });
  return of_kind(weights_in(contents, path), path, kind, schema);
}

WeightFile read_weights(std::span<const std::byte> image, const std::filesystem::path& name,
                        const std::string& kind, std::int64_t schema) {
  const Contents contents = contents_of(name, [&] { return RecordReader(name, image); });
  return of_kind(weights_in(contents, name), name, kind, schema);
}

std::uint64_t fingerprint(const WeightFile& weights) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.text(weights.kind);
  out.number(weights.schema);
  for (const auto& [name, tensor] : weights.tensors) {
    out.text(name);
    out.text(text_of(tensor.shape));
    for (const float value : tensor.values) out.number(value);
  }
  return hash_of(bytes);
}

const Tensor& tensor_of(const WeightFile& weights, const std::string& name,
                        const std::vector<std::size_t>& shape, const std::filesystem::path& path) {
  const auto found = weights.tensors.find(name);
  if (found == weights.tensors.end()) {
    refuse(path, "no tensor '" + name + "'", "one of " + text_of(shape));
  }
  if (found->second.shape != shape) {
    refuse(path, "'" + name + "' of " + text_of(found->second.shape), text_of(shape));
  }
  return found->second;
}

}  // namespace weir
