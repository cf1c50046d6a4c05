// Outcomes of trials on disk, so that nothing is computed twice and an interrupted experiment goes
// on where it was. One line per trial, a checksum and JSON, appended as soon as it is known; a line
// that was torn by a kill is dropped, one that was changed is refused. One process at a time.

#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "tools/experiment/trial.hpp"

namespace weir {

class OutcomeStore {
 public:
  // Keeps outcomes in memory only.
  OutcomeStore() = default;
  // Reads what is there, or makes the file. Throws Error for a file that cannot be written, is in
  // use, or is something else.
  explicit OutcomeStore(const std::filesystem::path& path);
  ~OutcomeStore();
  OutcomeStore(const OutcomeStore&) = delete;
  OutcomeStore& operator=(const OutcomeStore&) = delete;

  std::optional<Measured> find(const std::string& key) const;
  // Throws Error when the disk does not take it; the file is then as it was before. Any thread.
  void add(const std::string& key, const Measured& measured);

 private:
  void read();
  void append(const std::string& line);

  std::filesystem::path path_;
  int file_ = -1;  // -1: none
  mutable std::mutex mutex_;
  std::map<std::string, Measured> outcomes_;
};

}  // namespace weir
