// The tables of one ledger file, and what tells it from other files. Used inside this folder only.

#pragma once

#include <filesystem>
#include <string>

#include "runtime/ledger/ledger_writer.hpp"
#include "runtime/ledger/sqlite_database.hpp"

namespace weir {

// rank.N.ledger
std::filesystem::path ledger_file(const std::filesystem::path& folder, RankId rank);
bool is_ledger_file(const std::filesystem::path& path);

// Opens the file, or makes it, for this work. Throws Error, which names the file.
SqliteDatabase open_ledger_file(const std::filesystem::path& path, const std::string& work);

}  // namespace weir
