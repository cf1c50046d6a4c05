#include "topology/switch_file.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"
#include "topology/host_list.hpp"

namespace weir {
namespace {

// A line for each of a hundred thousand hosts is no longer.
constexpr std::uintmax_t kMostBytes = 16 << 20;
constexpr const char* kExample = "SwitchName=s0 Nodes=n[0-3], and SwitchName=top Switches=s[0-1]";
constexpr const char* kTrySwitches = "scontrol show topology, or --cluster-size without --switches";

struct Line {
  int number = 0;  // of its first part in the file
  std::string text;
};

struct Switch {
  int line = 0;
  std::string name;
  std::vector<std::string> hosts;  // of a leaf
  std::vector<std::string> below;  // else its switches
};

[[noreturn]] void refuse(const std::string& file, int line, const std::string& found,
                         const std::string& needed) {
  throw Error("the list of switches cannot be used",
              file + ", line " + std::to_string(line) + ": " + found, needed, kExample);
}

// Without comments and empty lines; those that go on are joined.
std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream in(text);
  int number = 0;
  bool goes_on = false;
  for (std::string part; std::getline(in, part);) {
    ++number;
    part.erase(std::min(part.find('#'), part.size()));
    while (!part.empty() && std::isspace(static_cast<unsigned char>(part.back())) != 0)
      part.pop_back();
    if (!goes_on) lines.push_back({number, {}});
    goes_on = part.ends_with('\\');
    if (goes_on) part.back() = ' ';
    lines.back().text += part;
  }
  std::erase_if(lines, [](const Line& line) {
    return line.text.find_first_not_of(" \t") == std::string::npos;
  });
  return lines;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::vector<std::string> list_of(const std::string& file, int line, const std::string& key,
                                 const std::string& value) {
  auto names = expand_host_list(value);
  if (!names) {
    refuse(
        file, line, key + "=" + value,
        "names such as n1, n[0-3,7] or rack[1-2]n[01-16], at most " + std::to_string(kMostHosts));
  }
  return *std::move(names);
}

Switch read_switch(const std::string& file, const Line& line) {
  Switch result{.line = line.number, .name = {}, .hosts = {}, .below = {}};
  std::istringstream words(line.text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    const std::string known = lower_case(key);
    const bool again = (known == "switchname" && !result.name.empty()) ||
                       (known == "nodes" && !result.hosts.empty()) ||
                       (known == "switches" && !result.below.empty());
    if (value.empty() || again) {
      refuse(file, line.number, "\"" + word + "\"" + (again ? ", a second time" : ""),
             "KEY=VALUE, each key once");
    }
    if (known == "switchname") {
      const auto names = list_of(file, line.number, key, value);
      if (names.size() != 1) refuse(file, line.number, word, "the name of one switch");
      result.name = names.front();
    } else if (known == "nodes") {
      result.hosts = list_of(file, line.number, key, value);
    } else if (known == "switches") {
      result.below = list_of(file, line.number, key, value);
    } else if (known != "linkspeed") {
      refuse(file, line.number, "\"" + word + "\"", "SwitchName=, Nodes=, Switches= or LinkSpeed=");
    }
  }
  if (result.name.empty()) refuse(file, line.number, line.text, "SwitchName= in every line");
  if (result.hosts.empty() == result.below.empty()) {
    refuse(file, line.number,
           "switch " + result.name + (result.hosts.empty() ? " with neither" : " with both"),
           "either Nodes= or Switches= of every switch");
  }
  return result;
}

// Every switch hangs on one other at most, and none on itself.
void check_tree(const std::string& file, const std::vector<Switch>& switches) {
  std::map<std::string, const Switch*> by_name;
  for (const Switch& each : switches) {
    const auto [known, added] = by_name.try_emplace(each.name, &each);
    if (!added) {
      refuse(file, each.line,
             "switch " + each.name + ", which line " + std::to_string(known->second->line) +
                 " has, too",
             "one line for each switch");
    }
  }
  std::map<std::string, const Switch*> above;
  for (const Switch& each : switches) {
    for (const std::string& name : each.below) {
      if (!by_name.contains(name)) {
        refuse(file, each.line, "switch " + name + ", which has no line of its own",
               "a line SwitchName=" + name + " ...");
      }
      const auto [known, added] = above.try_emplace(name, &each);
      if (!added) {
        refuse(file, each.line,
               "switch " + name + " below " + each.name + " and below " + known->second->name,
               "a tree: one switch above each");
      }
    }
  }
  for (const Switch& each : switches) {
    std::size_t steps = 0;
    for (auto at = above.find(each.name); at != above.end(); at = above.find(at->second->name)) {
      if (++steps <= switches.size()) continue;
      refuse(file, each.line, "switch " + each.name + " in a circle of switches",
             "a tree: one switch above all others");
    }
  }
}

}  // namespace

SwitchFile SwitchFile::parse(const std::string& text, const std::string& name) {
  std::vector<Switch> switches;
  for (const Line& line : lines_of(text)) switches.push_back(read_switch(name, line));
  check_tree(name, switches);

  SwitchFile result;
  result.name_ = name;
  std::vector<std::string> leaves;
  for (const Switch& leaf : switches) {
    if (leaf.hosts.empty()) continue;
    for (const std::string& host : leaf.hosts) {
      const auto [known, added] =
          result.leaf_of_.try_emplace(host, static_cast<int>(leaves.size()));
      if (!added) {
        const auto other = static_cast<std::size_t>(known->second);
        refuse(name, leaf.line,
               "host " + host + " at " + leaf.name +
                   (other < leaves.size() ? " and at " + leaves[other] : ", twice"),
               "each host at one leaf switch");
      }
      result.hosts_.push_back(host);
    }
    leaves.push_back(leaf.name);
  }
  if (leaves.empty()) {
    throw Error("the list of switches cannot be used",
                name + ": no switch with Nodes=", "at least one leaf switch", kExample);
  }
  return result;
}

std::optional<int> SwitchFile::leaf_of(const std::string& host) const {
  auto found = leaf_of_.find(host);
  if (found == leaf_of_.end()) found = leaf_of_.find(host.substr(0, host.find('.')));
  if (found == leaf_of_.end()) return std::nullopt;
  return found->second;
}

std::string read_switch_file(const std::string& path) {
  const auto refuse_file = [&path](const std::string& found) {
    throw Error("the list of switches cannot be read", path + ": " + found,
                "a file in the form of Slurm's topology.conf, of at most " +
                    std::to_string(kMostBytes) + " bytes",
                kTrySwitches);
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    refuse_file(std::filesystem::exists(path, error) ? "not a plain file" : "no such file");
  }
  const auto bytes = std::filesystem::file_size(path, error);
  if (!error && bytes > kMostBytes) refuse_file(std::to_string(bytes) + " bytes");
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) refuse_file("no permission, or a failing disk");
  return text;
}

}  // namespace weir
