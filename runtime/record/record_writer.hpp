// Records rows of one rank without making its control thread wait: rows go to a bounded queue per
// table, and a thread of the writer's own puts them into the rank's segment of the run file.
//
// A caller that may wait does without the thread and loses no row: RecordOptions::own_thread.
//
// The segment can be read at any time, also while it grows and after the process was killed: what
// was recorded more than about one flush interval before is there. See run_file.hpp for its layout.

#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/base/time.hpp"
#include "runtime/record/column.hpp"
#include "runtime/record/row_queue.hpp"

namespace weir {

class SegmentFile;

struct RecordOptions {
  // How much a kill may cost. Above zero.
  Duration flush_interval = std::chrono::milliseconds(250);
  // Rows of one table that may wait for the disk, rounded up to a power of two; 80-byte rows make
  // 2.6 MB, touched only when the disk is slow. A row that finds the queue full is dropped and
  // counted. The writer is woken early when half of it is used.
  std::size_t max_queued_rows = 32768;
  // False: no thread; append() itself writes whenever half of a queue is used. For a caller that
  // may wait for the disk, such as a world in virtual time. No row is dropped for want of room.
  bool own_thread = true;
};

struct RecordOutcome {
  std::uint64_t written_rows = 0;
  // Over all tables: found the queue full, or came after the disk had failed.
  std::uint64_t dropped_rows = 0;
  // Why recording ended early, such as a full disk; the rows flushed before are kept.
  std::optional<std::string> failure;
};

// All functions are for the control thread, except where it says otherwise.
class RecordWriter {
 public:
  // Creates `segment`, replacing a file of that name, and starts the thread. What is not a table
  // row or a final attribute has to be given here. Throws weir::Error if the file cannot be made.
  RecordWriter(const std::filesystem::path& segment, const std::vector<TableSchema>& tables,
               const Attributes& attributes, const std::vector<Array>& arrays = {},
               RecordOptions options = {});
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;
  // Closes, if that was not done.
  ~RecordWriter();

  // One value per column, of exactly its type. Copies the row; no lock, no allocation, no HDF5
  // call. Not after close().
  template <ColumnValue... Values>
  void append(TableIndex table, Values... values);

  // Rows of this table that found its queue full. Any thread.
  std::uint64_t dropped_rows(TableIndex table) const;
  // Rows of this table that survive a kill. Any thread.
  std::uint64_t flushed_rows(TableIndex table) const;

  // Whether writing has failed. Only without a thread of its own.
  bool failed() const {
    WEIR_CHECK(!options_.own_thread, "the writer's thread knows, and close() tells");
    return failure_.has_value();
  }

  // Waits until every appended row and the final attributes are on disk, and ends the thread. Final
  // attributes are read together with those given at the start and win over them.
  RecordOutcome close(const Attributes& final_attributes = {});

 private:
  struct Table {
    Table(const TableSchema& schema, std::size_t max_queued_rows);
    std::vector<ColumnType> types;
    RowQueue queue;
    std::atomic<std::uint64_t> flushed = 0;
    std::uint64_t discarded = 0;  // Writer thread: rows that came after a failure.
  };

  void wake_writer();
  // The rest runs on the writer thread.
  void write_until_closed();
  bool drain();
  void commit_if_changed(bool added);
  void write_what_is_queued();
  void finish();

  const std::filesystem::path path_;
  const RecordOptions options_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::unique_ptr<SegmentFile> file_;  // Writer thread, once that runs.
  std::vector<std::uint64_t> committed_drops_;
  std::optional<std::string> failure_;

  std::mutex wake_mutex_;  // Held for a few instructions, never while writing.
  std::condition_variable wake_;
  bool closing_ = false;  // Both guarded by wake_mutex_.
  Attributes final_attributes_;
  std::atomic<bool> wake_requested_ = false;
  bool closed_ = false;
  RecordOutcome outcome_;
  std::thread thread_;
};

template <ColumnValue... Values>
void RecordWriter::append(TableIndex index, Values... values) {
  static constexpr std::array<ColumnType, sizeof...(Values)> kTypes{column_type_of<Values>()...};
  WEIR_CHECK(!closed_ && index.value() < tables_.size(), "no such table, or already closed");
  Table& table = *tables_[index.value()];
  WEIR_CHECK(std::ranges::equal(kTypes, table.types), "the values are not those of the columns");

  std::byte* place = table.queue.begin_row();
  if (place == nullptr) return;
  ((std::memcpy(place, &values, sizeof values), place += sizeof values), ...);
  if (table.queue.end_row()) wake_writer();
}

}  // namespace weir
