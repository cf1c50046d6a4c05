// A record that replaces an older one whole or not at all: what is saved again and again, and read
// back when a process has died while saving.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "runtime/record/record_writer.hpp"

namespace weir {

// Calls `write` with another name beside `path`, then renames what it wrote. Throws Error,
// "WHAT cannot be written", leaves the older file as it was and no other one, when that fails;
// so it does for an Error of `write`.
void replace_record(const std::filesystem::path& path, const std::string& what,
                    const std::function<RecordOutcome(const std::filesystem::path&)>& write);

// For who has long work to do before: throws the same Error where no file can be made, or something
// else than a file would be replaced. Changes nothing.
void require_replaceable(const std::filesystem::path& path, const std::string& what);

}  // namespace weir
