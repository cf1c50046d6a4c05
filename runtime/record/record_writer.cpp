#include "runtime/record/record_writer.hpp"

#include <pthread.h>
#include <csignal>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/record/hdf5_objects.hpp"
#include "runtime/record/segment_file.hpp"

namespace weir {
namespace {

std::size_t row_bytes(const TableSchema& schema) {
  std::size_t bytes = 0;
  for (const Column& column : schema.columns) bytes += size_of(column.type);
  return bytes;
}

// Signals are for the thread that owns the process; Ctrl-C must not end up here.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

RecordWriter::Table::Table(const TableSchema& schema, std::size_t max_queued_rows)
    : queue(row_bytes(schema), max_queued_rows) {
  for (const Column& column : schema.columns) types.push_back(column.type);
}

RecordWriter::RecordWriter(const std::filesystem::path& segment,
                           const std::vector<TableSchema>& tables, const Attributes& attributes,
                           const std::vector<Array>& arrays, RecordOptions options)
    : path_(segment), options_(options), committed_drops_(tables.size(), 0) {
  WEIR_CHECK(options_.flush_interval > Duration::zero(), "the flush interval is not above zero");
  WEIR_CHECK(options_.max_queued_rows > 0, "no row may wait");
  for (const TableSchema& schema : tables) {
    WEIR_CHECK(!schema.columns.empty(), "a table has no column");
    tables_.push_back(std::make_unique<Table>(schema, options_.max_queued_rows));
  }
  try {
    const Hdf5Turn turn;
    file_ = std::make_unique<SegmentFile>(path_, tables, attributes, arrays);
  } catch (const Hdf5Failure& failure) {
    // What a full disk had room for is nothing to keep.
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    throw Error("cannot record to " + path_.string(), failure.what(),
                "a file that can be created and written", "another folder with --record");
  }
  if (options_.own_thread) thread_ = std::thread([this] { write_until_closed(); });
}

RecordWriter::~RecordWriter() { (void)close(); }

std::uint64_t RecordWriter::dropped_rows(TableIndex table) const {
  return tables_[table.value()]->queue.dropped();
}

std::uint64_t RecordWriter::flushed_rows(TableIndex table) const {
  return tables_[table.value()]->flushed.load(std::memory_order_acquire);
}

RecordOutcome RecordWriter::close(const Attributes& final_attributes) {
  if (closed_) return outcome_;
  closed_ = true;
  {
    const std::lock_guard lock(wake_mutex_);
    closing_ = true;
    final_attributes_ = final_attributes;
  }
  if (options_.own_thread) {
    wake_.notify_one();
    thread_.join();
  } else {
    finish();
  }

  for (const auto& table : tables_) {
    outcome_.written_rows += table->flushed.load(std::memory_order_relaxed);
    outcome_.dropped_rows += table->queue.dropped() + table->discarded;
  }
  outcome_.failure = failure_;
  return outcome_;
}

// Without the mutex, so that the control thread waits for nobody. A wake-up that falls between the
// writer's look and its sleep is lost and costs one flush interval.
void RecordWriter::wake_writer() {
  if (!options_.own_thread) return write_what_is_queued();
  if (!wake_requested_.exchange(true, std::memory_order_relaxed)) wake_.notify_one();
}

void RecordWriter::write_until_closed() {
  block_signals();
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(wake_mutex_);
      wake_.wait_for(lock, options_.flush_interval, [this] {
        return closing_ || wake_requested_.load(std::memory_order_relaxed);
      });
      wake_requested_.store(false, std::memory_order_relaxed);
      last = closing_;
    }
    write_what_is_queued();
  }
  finish();
}

// The file is given up at the first failure: what is flushed stays readable, and a disk that filled
// up once would tear the tables apart with later rows.
void RecordWriter::write_what_is_queued() {
  try {
    commit_if_changed(drain());
  } catch (const Hdf5Failure& failure) {
    failure_ = failure.what();
    file_->abandon();
    for (std::size_t position = 0; position < tables_.size(); ++position) {
      Table& table = *tables_[position];
      table.discarded += file_->rows(position) - table.flushed.load(std::memory_order_relaxed);
    }
    (void)drain();
  }
}

// True if a row was added to the file. After a failure rows are taken all the same, and counted.
bool RecordWriter::drain() {
  bool added = false;
  for (std::size_t position = 0; position < tables_.size(); ++position) {
    Table& table = *tables_[position];
    const std::size_t bytes = table.queue.row_bytes();
    // A bound, so that a fast control thread cannot keep this table's rows coming and starve the
    // other tables and the flush.
    for (std::size_t taken = 0; taken < table.queue.max_rows();) {
      const auto rows = table.queue.oldest_rows();
      if (rows.empty()) break;
      if (failure_) {
        table.discarded += rows.size() / bytes;
      } else {
        const Hdf5Turn turn;
        file_->add_rows(position, rows);
        added = true;
      }
      table.queue.release(rows.size() / bytes);
      taken += rows.size() / bytes;
    }
  }
  return added;
}

void RecordWriter::commit_if_changed(bool added) {
  if (failure_) return;
  std::vector<std::uint64_t> drops;
  for (const auto& table : tables_) drops.push_back(table->queue.dropped());
  if (!added && drops == committed_drops_) return;  // An idle rank does not touch the disk.

  const Hdf5Turn turn;
  file_->commit(drops);
  committed_drops_ = std::move(drops);
  for (std::size_t position = 0; position < tables_.size(); ++position) {
    tables_[position]->flushed.store(file_->rows(position), std::memory_order_release);
  }
}

void RecordWriter::finish() {
  // The control thread appends nothing any more, but a queue may still hold what came during the
  // last pass.
  write_what_is_queued();
  const Hdf5Turn turn;
  try {
    if (!failure_) {
      file_->add_final_attributes(final_attributes_);
      file_->commit(committed_drops_);
      file_->close();
    }
  } catch (const Hdf5Failure& failure) {
    failure_ = failure.what();
    file_->abandon();
  }
  file_.reset();
}

}  // namespace weir
