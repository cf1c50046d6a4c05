// The few operations of SQLite that a ledger needs. Used inside this folder only.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "runtime/base/bytes.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace weir {

// What SQLite said. The public classes turn it into weir::Error, or into an outcome.
class SqliteFailure : public std::runtime_error {
 public:
  enum class Kind { kFull, kDamaged, kOther };

  explicit SqliteFailure(const std::string& text, Kind kind = Kind::kOther)
      : std::runtime_error(text), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// A statement that is prepared once. Lives no longer than its database.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, const std::string& sql);

  // Parameters and columns count from 0. Bytes are not copied: they outlive the next step().
  SqliteStatement& bind(int parameter, std::int64_t value);
  SqliteStatement& bind(int parameter, const std::string& value);
  SqliteStatement& bind(int parameter, std::span<const std::byte> value);

  // True where there is a row; false at the end, after which parameters are bound anew.
  bool step();
  std::int64_t number(int column) const;
  std::string text(int column) const;
  Bytes bytes(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// An open file that no other process can open until this one is gone. One thread at a time.
class SqliteDatabase {
 public:
  // Makes the file where there is none. Throws SqliteFailure also where it is open elsewhere.
  explicit SqliteDatabase(const std::filesystem::path& path);

  void run(const std::string& sql);
  SqliteStatement prepare(const std::string& sql) { return {database_.get(), sql}; }
  // The number in the first column of the first row.
  std::int64_t number_of(const std::string& sql);

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace weir
