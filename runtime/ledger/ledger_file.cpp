#include "runtime/ledger/ledger_file.hpp"

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// PRAGMA application_id: "weir".
constexpr std::int64_t kApplication = 0x77656972;
constexpr std::int64_t kVersion = 1;
constexpr const char* kExtension = ".ledger";

// Where a file was only just made, it belongs to nobody yet.
bool is_new(SqliteDatabase& database) {
  return database.number_of("PRAGMA application_id") == 0 &&
         database.number_of("SELECT count(*) FROM sqlite_master") == 0;
}

// What is committed is to survive a kill without waiting for the disk each time.
void write_ahead(SqliteDatabase& database) {
  SqliteStatement change = database.prepare("PRAGMA journal_mode=WAL");
  if (!change.step() || change.text(0) != "wal") {
    throw SqliteFailure("it cannot be written ahead (WAL) here");
  }
}

void make_tables(SqliteDatabase& database, const std::string& work) {
  database.run("BEGIN IMMEDIATE");
  database.run("PRAGMA application_id=" + std::to_string(kApplication));
  database.run("PRAGMA user_version=" + std::to_string(kVersion));
  database.run("CREATE TABLE work (description TEXT NOT NULL)");
  database.run(
      "CREATE TABLE ended (id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL,"
      " failed INTEGER NOT NULL, result BLOB NOT NULL)");
  database.prepare("INSERT INTO work VALUES (?)").bind(0, work).step();
  database.run("COMMIT");
}

void require_own_kind(SqliteDatabase& database, const std::filesystem::path& path) {
  if (database.number_of("PRAGMA application_id") != kApplication) {
    throw Error("this file is no ledger", path.string() + ", a database of another program",
                "a ledger of weir, or no file there", "--ledger with another folder");
  }
  const std::int64_t version = database.number_of("PRAGMA user_version");
  if (version != kVersion) {
    throw Error("this ledger is of another version",
                path.string() + ", version " + std::to_string(version),
                "version " + std::to_string(kVersion),
                "the weir that wrote it, or --ledger with another folder");
  }
}

void require_sound(SqliteDatabase& database, const std::filesystem::path& path) {
  SqliteStatement check = database.prepare("PRAGMA quick_check(1)");
  const std::string verdict = check.step() ? check.text(0) : "no answer";
  if (verdict == "ok") return;
  throw Error("this ledger is damaged", path.string() + ": " + verdict, "a file as weir wrote it",
              "a copy of the folder, or --ledger with another one");
}

void require_same_work(SqliteDatabase& database, const std::filesystem::path& path,
                       const std::string& work) {
  SqliteStatement read = database.prepare("SELECT description FROM work");
  const std::string found = read.step() ? read.text(0) : "";
  if (found == work) return;
  throw Error("this ledger is of other work", path.string() + ", of \"" + found + "\"",
              "\"" + work + "\"", "the command it was begun with, or --ledger with another folder");
}

}  // namespace

Error refusal_of(const std::filesystem::path& path, const SqliteFailure& failure) {
  const std::string found = path.string() + ": " + failure.what();
  switch (failure.kind()) {
    case SqliteFailure::Kind::kFull:
      return {"there is no room for the ledger", found, "some MB on the disk of that folder",
              "to make room there, or --ledger with a folder on another disk"};
    case SqliteFailure::Kind::kDamaged:
      return {"this ledger is damaged, or something else", found,
              "a file as weir wrote it; this one is left as it is",
              "a copy of the folder, or --ledger with another one to begin anew"};
    case SqliteFailure::Kind::kOther:
      break;
  }
  return {"the ledger cannot be used", found,
          "a file that weir wrote or may make, open in no other process",
          "to end the other job, or --ledger with another folder"};
}

std::filesystem::path ledger_file(const std::filesystem::path& folder, RankId rank) {
  return folder / ("rank." + std::to_string(rank.value()) + kExtension);
}

bool is_ledger_file(const std::filesystem::path& path) { return path.extension() == kExtension; }

void make_table_of_copies(SqliteDatabase& database) {
  database.run(
      "CREATE TABLE IF NOT EXISTS copies (share INTEGER PRIMARY KEY, generation INTEGER NOT NULL,"
      " content BLOB NOT NULL)");
}

bool has_table_of_copies(SqliteDatabase& database) {
  return database.number_of(
             "SELECT count(*) FROM sqlite_master WHERE type='table' AND name='copies'") > 0;
}

SqliteDatabase open_ledger_file(const std::filesystem::path& path, const std::string& work) {
  try {
    SqliteDatabase database(path);
    if (is_new(database)) {
      write_ahead(database);
      make_tables(database, work);
    } else {
      require_own_kind(database, path);
      require_sound(database, path);
      require_same_work(database, path, work);
      write_ahead(database);
    }
    database.run("PRAGMA synchronous=NORMAL");
    return database;
  } catch (const SqliteFailure& failure) {
    throw refusal_of(path, failure);
  }
}

}  // namespace weir
