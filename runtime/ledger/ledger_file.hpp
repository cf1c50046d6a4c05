// The tables of one ledger file, and what tells it from other files. Used inside this folder only.

#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "runtime/ledger/sqlite_database.hpp"

namespace weir {

// rank.N.ledger
std::filesystem::path ledger_file(const std::filesystem::path& folder, RankId rank);
bool is_ledger_file(const std::filesystem::path& path);

// What to tell of a file that SQLite will not have.
Error refusal_of(const std::filesystem::path& path, const SqliteFailure& failure);

// In a file that is to be written: those of the first weir that wrote ledgers have no such table.
void make_table_of_copies(SqliteDatabase& database);
bool has_table_of_copies(SqliteDatabase& database);

// Opens the file, or makes it, for this work. Throws Error, which names the file.
SqliteDatabase open_ledger_file(const std::filesystem::path& path, const std::string& work);

}  // namespace weir
