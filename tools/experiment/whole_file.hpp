// A text file that is written whole or not at all.

#pragma once

#include <filesystem>
#include <string>

namespace weir {

// Replaces a file of that name in one step. Throws Error when the disk does not take it; the file
// is then as it was.
void write_whole_file(const std::filesystem::path& path, const std::string& text);

}  // namespace weir
