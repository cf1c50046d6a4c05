#include "runtime/ledger/sqlite_database.hpp"

#include <sqlite3.h>

namespace weir {
namespace {

constexpr int kMostWaitMs = 5000;

[[noreturn]] void fail(sqlite3* database) {
  if (database == nullptr) throw SqliteFailure("out of memory");
  const int code = sqlite3_errcode(database);
  SqliteFailure::Kind kind = SqliteFailure::Kind::kOther;
  if (code == SQLITE_FULL) kind = SqliteFailure::Kind::kFull;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) kind = SqliteFailure::Kind::kDamaged;
  throw SqliteFailure(sqlite3_errmsg(database), kind);
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    fail(database);
  }
  statement_.reset(statement);
}

void SqliteStatement::check(int code) const {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()));
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter + 1, value));
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, const std::string& value) {
  check(sqlite3_bind_text(statement_.get(), parameter + 1, value.c_str(),
                          static_cast<int>(value.size()), SQLITE_TRANSIENT));
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::span<const std::byte> value) {
  // A null pointer would be NULL, not empty bytes.
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  check(sqlite3_bind_blob64(statement_.get(), parameter + 1, data, value.size(), SQLITE_STATIC));
  return *this;
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_.get()));
  return false;
}

std::int64_t SqliteStatement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string SqliteStatement::text(int column) const {
  const Bytes all = bytes(column);
  return {reinterpret_cast<const char*>(all.data()), all.size()};
}

Bytes SqliteStatement::bytes(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return {data, data + sqlite3_column_bytes(statement_.get(), column)};
}

void SqliteDatabase::Closer::operator()(sqlite3* database) const { sqlite3_close(database); }

SqliteDatabase::SqliteDatabase(const std::filesystem::path& path) {
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) fail(database);
  // A job that was killed may take a while to be gone.
  sqlite3_busy_timeout(database, kMostWaitMs);
  // Exclusive before WAL: so there is no shared memory, which only processes of one host could
  // have.
  run("PRAGMA locking_mode=EXCLUSIVE");
}

void SqliteDatabase::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(database_.get());
  }
}

std::int64_t SqliteDatabase::number_of(const std::string& sql) {
  SqliteStatement statement = prepare(sql);
  return statement.step() ? statement.number(0) : 0;
}

}  // namespace weir
