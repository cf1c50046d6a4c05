#include "tools/experiment/outcome_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

const std::string kHeader = "{\"weir_trials\":2}\n";
// Lines without checksums.
const std::string kOldHeader = "{\"weir_trials\":1}\n";
constexpr std::size_t kChecksumDigits = 16;

// JSON has no infinity.
nlohmann::json number_json(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double number_of_json(const nlohmann::json& json) {
  return json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>();
}

std::string checksum_of(std::string_view text) {
  std::array<char, kChecksumDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(hash_of(std::as_bytes(std::span(text)))));
  return digits.data();
}

nlohmann::json series_json(const std::vector<double>& series) {
  nlohmann::json json = nlohmann::json::array();
  for (const double value : series) json.push_back(number_json(value));
  return json;
}

std::vector<double> series_of_json(const nlohmann::json& json) {
  std::vector<double> series;
  for (const auto& value : json) series.push_back(number_of_json(value));
  return series;
}

std::string line_of(const std::string& key, const Measured& measured) {
  nlohmann::json numbers = nlohmann::json::object();
  for (const auto& [name, value] : measured.numbers) numbers[name] = number_json(value);
  const std::string text = nlohmann::json{{"key", key},
                                          {"numbers", numbers},
                                          {"series", series_json(measured.series)},
                                          {"p99_series", series_json(measured.p99_series)}}
                               .dump();
  return checksum_of(text) + ' ' + text + '\n';
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& found,
                         const std::string& needed) {
  throw Error("the results cannot be kept", path.string() + ": " + found, needed,
              "another name with --out or --store");
}

// A read that fails is not the end: what seems torn there is cut off.
std::string text_of_file(int file, const std::filesystem::path& path) {
  std::string text;
  std::array<char, 1 << 16> block{};
  while (true) {
    const ssize_t bytes = ::read(file, block.data(), block.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) refuse(path, std::strerror(errno), "a file that can be read");
    if (bytes == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(bytes));
  }
}

}  // namespace

OutcomeStore::OutcomeStore(const std::filesystem::path& path) : path_(path) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) refuse(path, std::strerror(errno), "a place where a file can be made");
  try {
    struct stat kind {};
    // A device may never end.
    if (::fstat(file_, &kind) != 0 || !S_ISREG(kind.st_mode)) {
      refuse(path, "not a plain file", "a new name, or results to go on with");
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      refuse(path, "another process is writing it", "one process at a time");
    }
    read();
  } catch (...) {
    ::close(file_);
    throw;
  }
}

OutcomeStore::~OutcomeStore() {
  if (file_ >= 0) ::close(file_);
}

void OutcomeStore::read() {
  std::string text = text_of_file(file_, path_);
  // What a kill or a full disk has left of a line. It may be all of a header.
  const std::size_t whole = text.find_last_of('\n') + 1;
  const bool is_ours = whole > 0 ? text.starts_with(kHeader) : kHeader.starts_with(text);
  if (text.starts_with(kOldHeader)) {
    refuse(path_, "results of an older weir, without checksums", "a new name, or no such file");
  }
  if (!is_ours) refuse(path_, "not a file of results", "a new name, or results to go on with");
  if (whole < text.size() && ::ftruncate(file_, static_cast<off_t>(whole)) != 0) {
    refuse(path_, std::strerror(errno), "a file that can be changed");
  }
  if (whole == 0) return append(kHeader);
  int number = 1;
  for (std::size_t at = kHeader.size(); at < whole;) {
    const std::size_t end = text.find('\n', at);
    ++number;
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const std::string_view outcome = line.substr(std::min(line.size(), kChecksumDigits + 1));
    if (!line.starts_with(checksum_of(outcome) + ' ')) {
      refuse(path_, "line " + std::to_string(number) + " is not as it was written",
             "lines that weir has written, unchanged");
    }
    try {
      const auto json = nlohmann::json::parse(outcome);
      Measured measured;
      for (const auto& [name, value] : json.at("numbers").items()) {
        measured.numbers[name] = number_of_json(value);
      }
      measured.series = series_of_json(json.at("series"));
      // Lines of programs before there was one.
      if (json.contains("p99_series")) {
        measured.p99_series = series_of_json(json["p99_series"]);
      }
      outcomes_[json.at("key").get<std::string>()] = std::move(measured);
    } catch (const std::exception&) {
      refuse(path_, "line " + std::to_string(number) + " is no result",
             "lines that weir has written, unchanged");
    }
    at = end + 1;
  }
}

std::optional<Measured> OutcomeStore::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = outcomes_.find(key);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second;
}

void OutcomeStore::add(const std::string& key, const Measured& measured) {
  const std::lock_guard lock(mutex_);
  if (file_ >= 0) append(line_of(key, measured));
  outcomes_[key] = measured;
}

void OutcomeStore::append(const std::string& line) {
  const off_t before = ::lseek(file_, 0, SEEK_END);
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  const std::string reason = written < 0 ? std::strerror(errno) : "no room for a whole line";
  if (::ftruncate(file_, before) != 0) refuse(path_, reason + ", and a torn line stays", "room");
  refuse(path_, reason, "room on the disk; what was there before is kept");
}

}  // namespace weir
