// A text file that is written whole or not at all, and the folder for it.

#pragma once

#include <filesystem>
#include <string>

namespace weir {

// Replaces a file of that name in one step. Throws Error when the disk does not take it; the file
// is then as it was.
void write_whole_file(const std::filesystem::path& path, const std::string& text);

// Makes a folder for results and those around it. Throws Error where that cannot be.
void make_folder(const std::filesystem::path& folder);

}  // namespace weir
