#include "runtime/ledger/ledger_writer.hpp"

#include <utility>

#include "runtime/ledger/ledger_file.hpp"
#include "runtime/ledger/sqlite_database.hpp"

namespace weir {

class LedgerWriter::File {
 public:
  File(const std::filesystem::path& path, const std::string& work)
      : database_(open_for_writing(path, work)),
        insert_(database_.prepare("INSERT OR IGNORE INTO ended VALUES (?, ?, ?, ?)")),
        replace_(database_.prepare("INSERT OR REPLACE INTO copies VALUES (?, ?, ?)")) {}

  void write(const std::vector<LedgerEnd>& ends, const std::vector<LedgerCopy>& copies) {
    database_.run("BEGIN");
    for (const LedgerEnd& end : ends) {
      insert_.bind(0, static_cast<std::int64_t>(end.id.value()))
          .bind(1, std::int64_t{end.attempt})
          .bind(2, std::int64_t{end.failed})
          .bind(3, std::span<const std::byte>(end.result))
          .step();
    }
    for (const LedgerCopy& copy : copies) {
      replace_.bind(0, std::int64_t{copy.share})
          .bind(1, std::int64_t{copy.generation})
          .bind(2, std::span<const std::byte>(copy.content))
          .step();
    }
    database_.run("COMMIT");
  }

 private:
  static SqliteDatabase open_for_writing(const std::filesystem::path& path,
                                         const std::string& work) {
    SqliteDatabase database = open_ledger_file(path, work);
    try {
      make_table_of_copies(database);
    } catch (const SqliteFailure& failure) {
      throw refusal_of(path, failure);
    }
    return database;
  }

  SqliteDatabase database_;
  SqliteStatement insert_;
  SqliteStatement replace_;
};

LedgerWriter::LedgerWriter(const std::filesystem::path& folder, RankId rank,
                           const std::string& work, const LedgerOptions& options)
    : file_(std::make_unique<File>(ledger_file(folder, rank), work)),
      options_(options),
      thread_([this] { write_until_closed(); }) {}

LedgerWriter::~LedgerWriter() { close(); }

void LedgerWriter::note_end(LedgerEnd end) {
  const std::scoped_lock lock(mutex_);
  if (!failure_) noted_.push_back(std::move(end));
}

void LedgerWriter::note_copies(std::vector<LedgerCopy> copies) {
  const std::scoped_lock lock(mutex_);
  if (!failure_) noted_copies_ = std::move(copies);
}

std::uint64_t LedgerWriter::written() const {
  const std::scoped_lock lock(mutex_);
  return written_;
}

std::optional<std::string> LedgerWriter::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

std::optional<std::string> LedgerWriter::close() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
  file_.reset();
  return failure();
}

void LedgerWriter::write_until_closed() {
  std::vector<LedgerEnd> taken;
  std::vector<LedgerCopy> copies;
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, options_.commit_interval, [this] { return closing_; });
      last = closing_;
      std::swap(taken, noted_);
      std::swap(copies, noted_copies_);
    }
    if (taken.empty() && copies.empty()) continue;
    try {
      file_->write(taken, copies);
    } catch (const SqliteFailure& failure) {
      const std::scoped_lock lock(mutex_);
      failure_ = failure.what();
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      written_ += taken.size();
    }
    taken.clear();
    copies.clear();
  }
}

}  // namespace weir
