// The weights that come with weir. They are part of the program, so that a rank finds them wherever
// it runs: each is the file ml/weights/KIND.h5 as it was when the program was built.

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "ml/inference/weight_file.hpp"

namespace weir {

// The file; empty for a kind of which none comes with weir.
std::span<const std::byte> shipped_weights(std::string_view kind);

// Of the file at `path`, or of the shipped one where `path` is empty. Throws Error as
// read_weights() does.
WeightFile read_or_shipped_weights(const std::filesystem::path& path, const std::string& kind,
                                   std::int64_t schema);

}  // namespace weir
