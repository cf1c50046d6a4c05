#include "tools/run/run_position.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
// Far more than histograms of all classes take.
constexpr std::size_t kMostBytes = 64 << 20;

// What decides which tasks there are and what becomes of each, wherever it runs.
const std::set<std::string> kOfStreams{"stream", "trace",   "traces-folder", "duration",
                                       "rate",   "load",    "time-scale",    "work-scale",
                                       "share",  "profile", "seed",          "inject-failures",
                                       "emulate"};

// Likewise, where it is not the standard value, without which most runs are.
const std::set<std::string> kOfOutcomes{"retries", "inject-crashes", "deadline", "drop-late",
                                        "overflow"};

std::string hex_of(const Bytes& bytes) {
  constexpr std::array<char, 17> kDigits{"0123456789abcdef"};
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::optional<Bytes> bytes_of(const std::string& hex) {
  const auto value_of = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = value_of(hex[i]);
    const int low = value_of(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(16 * high + low));
  }
  return bytes;
}

[[noreturn]] void refuse_file(const std::filesystem::path& path, const std::string& found) {
  throw Error("this is not the position of a run", path.string() + ": " + found,
              "a file that `weir run --resume` wrote, whole and unchanged",
              "--resume with another name, to begin anew; or removing the file");
}

// The fields, of a file of this version that is whole.
Json fields_of(const std::string& text, const std::filesystem::path& path) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("weir_position")) refuse_file(path, "other content");
  if (json["weir_position"] != kVersion) {
    refuse_file(path,
                "version " + json["weir_position"].dump() + ", not " + std::to_string(kVersion));
  }
  return json;
}

void refuse_other_streams(const std::string& found, const std::filesystem::path& path,
                          const RunOptions& options) {
  const std::string needed = streams_text(options);
  if (found == needed) return;
  throw Error("the position belongs to a run of other streams", path.string() + ": " + found,
              needed + ", as this run has them",
              "the same options as before, or --resume with another name");
}

bool forget_position(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (!error) return true;
  std::cerr << "weir-run: warning: " << path.string()
            << " is of a run that is done, and stays: " << error.message() << std::endl;
  return false;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> stream_settings(const RunOptions& options) {
  const auto standard = as_text(RunOptions());
  const bool drops = options.loads.overflow == Overflow::kDrop;
  std::vector<std::pair<std::string, std::string>> settings;
  for (auto& setting : as_text(options)) {
    const std::string& name = setting.first;
    if (name == "rate" && (options.load || options.streams.empty())) continue;
    const bool is_of_streams = kOfStreams.contains(name) && !setting.second.empty();
    // How many may be in flight is a matter of time alone, and may change with the allocation, but
    // where others are dropped.
    const bool decides = kOfOutcomes.contains(name) || (name == "max-in-flight" && drops);
    const bool is_of_outcomes = decides && std::ranges::find(standard, setting) == standard.end();
    if (is_of_streams || is_of_outcomes) settings.push_back(std::move(setting));
  }
  return settings;
}

std::string streams_text(const RunOptions& options) {
  std::string text;
  for (const auto& [name, value] : stream_settings(options)) {
    text += (text.empty() ? "--" : " --") + name + ' ' + value;
  }
  return text;
}

std::string text_of(const RunPosition& position, const RunOptions& options,
                    const std::vector<std::string>& stream_names) {
  Bytes tally;
  ByteWriter out(tally);
  position.tally.encode(out);
  Json digests = Json::object();
  for (std::size_t i = 0; i < stream_names.size(); ++i) {
    digests[stream_names[i]] = position.tally.digests()[i].hex();
  }
  const Json json{{"weir_position", kVersion},
                  {"settings", streams_text(options)},
                  {"stream_time_s", to_seconds(position.stream_time)},
                  {"stream_time_ns", position.stream_time.count()},
                  {"parts", position.parts},
                  {"elapsed_s", position.elapsed_s},
                  {"capacity_per_s", position.capacity_per_s},
                  {"completed", position.tally.done()},
                  {"failed", position.tally.failed()},
                  {"dropped", position.tally.dropped()},
                  {"digest", digests},
                  {"tally", hex_of(tally)},
                  {"tally_hash", std::to_string(hash_of(tally))}};
  // Names of files need not be text.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

namespace {

// A number in JSON may be beyond what an integer can hold.
template <typename Number>
Number whole_number(const Json& json, const std::filesystem::path& path) {
  if (!json.is_number_integer()) refuse_file(path, json.dump() + " in place of a whole number");
  return json.get<Number>();
}

}  // namespace

RunPosition parse_position(const std::string& text, const std::filesystem::path& path,
                           const RunOptions& options, const RunTally& empty) {
  const Json json = fields_of(text, path);
  try {
    refuse_other_streams(json.at("settings"), path, options);
    RunPosition position{
        .stream_time = Duration(whole_number<Duration::rep>(json.at("stream_time_ns"), path)),
        .parts = whole_number<int>(json.at("parts"), path),
        .elapsed_s = json.at("elapsed_s"),
        .capacity_per_s = json.at("capacity_per_s"),
        .tally = empty.without_nodes()};
    const auto bytes = bytes_of(json.at("tally"));
    if (!bytes || std::to_string(hash_of(*bytes)) != json.at("tally_hash")) {
      refuse_file(path, "a tally that does not fit its hash");
    }
    ByteReader in(*bytes);
    if (!position.tally.decode(in) || in.remaining() > 0) {
      refuse_file(path, "a tally of another number of streams");
    }
    if (position.stream_time < Duration(0) || position.parts < 1) {
      refuse_file(path, "a time or number of parts below what can be");
    }
    return position;
  } catch (const Json::exception& error) {
    refuse_file(path, error.what());
  }
}

std::optional<std::string> read_position(const std::filesystem::path& path) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return std::nullopt;
  if (!std::filesystem::is_regular_file(path, none)) refuse_file(path, "not a plain file");
  if (std::filesystem::file_size(path, none) > kMostBytes) refuse_file(path, "a larger file");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) refuse_file(path, "not readable");
  return text.str();
}

void refuse_other_count(const RunOptions& options, const RunPosition& position,
                        std::uint64_t task_count) {
  if (task_count == position.tally.ended()) return;
  throw Error("the streams are not what they were when the run was paused",
              std::to_string(task_count) + " tasks before " +
                  std::to_string(to_seconds(position.stream_time)) + " s",
              std::to_string(position.tally.ended()) + ", as " + options.resume.string() + " says",
              "the same traces and the same version of weir, or --resume with another name");
}

EarlierParts earlier_parts_of(const RunPosition& position) {
  return {.count = position.parts,
          .tasks = position.tally.ended(),
          .done = position.tally.done(),
          .elapsed_s = position.elapsed_s,
          .stream_time = position.stream_time};
}

void tell_where_it_goes_on(const RunOptions& options, const RunPosition& position) {
  const auto& told_by = options.resume.empty() ? options.ledger : options.resume;
  std::ostringstream line;
  line << "weir-run: goes on at " << to_seconds(position.stream_time) << " s of the streams, after "
       << position.tally.ended() << " tasks (" << told_by.string() << ")\n";
  std::cerr << line.str() << std::flush;
}

bool keep_position(PositionPlace* place, const RunOptions& options, const RunResult& result,
                   const std::optional<RunPosition>& before, double capacity_per_s,
                   const std::vector<std::string>& stream_names) {
  if (place == nullptr) return true;
  if (!result.continues_at) return result.interrupted || forget_position(place->path());
  const RunPosition position{.stream_time = *result.continues_at,
                             .parts = 1 + (before ? before->parts : 0),
                             .elapsed_s = result.elapsed_s() + (before ? before->elapsed_s : 0),
                             .capacity_per_s = capacity_per_s,
                             .tally = result.tally.without_nodes()};
  try {
    place->write(text_of(position, options, stream_names));
  } catch (const Error& error) {
    std::cerr << "weir-run: " << error.report() << std::endl;
    return false;
  }
  std::cerr << "weir-run: to be continued from " << options.resume.string() << std::endl;
  return true;
}

}  // namespace weir
