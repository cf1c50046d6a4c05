// Files that come with weir, where it was installed: `cmake --install` puts jobs/scenarios and
// slurm under share/weir beside bin.

#pragma once

#include <filesystem>

namespace weir {

// A relative path at which there is nothing means, where one is there, the file of that path under
// share/weir of the running program; any other path is given back.
std::filesystem::path installed_file(const std::filesystem::path& path);
std::filesystem::path installed_file(const std::filesystem::path& path,
                                     const std::filesystem::path& program);

}  // namespace weir
