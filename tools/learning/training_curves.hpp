// What a training leaves beside its weights: its curves in HDF5, and a picture of them.

#pragma once

#include <filesystem>
#include <string>

#include "tools/learning/training_door.hpp"

namespace weir {

// One array per column of the curve. Replaces a file of that name in one step. Throws Error, and
// leaves it as it was, when it cannot be written.
void write_curve(const TrainingCurve& curve, const std::filesystem::path& path);

// A line for each column but the first, over the first, as a document of its own. Needs two columns
// and a row; numbers that are not finite leave gaps.
std::string picture_of(const TrainingCurve& curve, const std::string& title);

}  // namespace weir
