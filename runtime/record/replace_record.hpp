// A record that replaces an older one whole or not at all: what is saved again and again, and read
// back when a process has died while saving.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "runtime/record/record_writer.hpp"

namespace weir {

// Calls `write` with another name beside `path`, then renames what it wrote. Throws Error,
// "WHAT cannot be written", and leaves the older file as it was, when that fails.
void replace_record(const std::filesystem::path& path, const std::string& what,
                    const std::function<RecordOutcome(const std::filesystem::path&)>& write);

}  // namespace weir
