// Trace files that a test writes for itself, in a folder that goes away with it.

#pragma once

#include <zlib.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/scratch_folder.hpp"

namespace weir {

class TraceFolder : public ScratchFolder {
 public:
  std::filesystem::path write_gz(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path() / name;
    const gzFile gz = gzopen(file.c_str(), "wb");
    gzwrite(gz, content.data(), static_cast<unsigned>(content.size()));
    gzclose(gz);
    return file;
  }
};

}  // namespace weir
