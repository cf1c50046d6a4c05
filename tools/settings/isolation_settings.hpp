// Options of `weir run` that say whether tasks run in child processes.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

struct IsolationSettings {
  bool on = false;
  double crash_share = 0;  // of the attempts, made to crash
};

// Adds their descriptions.
void describe_isolation_options(boost::program_options::options_description& all);

// Throws Error for what is out of range or does not go together.
IsolationSettings read_isolation_options(const boost::program_options::variables_map& given);

// Name and value as text, as RunOptions has them.
std::vector<std::pair<std::string, std::string>> as_text(const IsolationSettings& settings);

}  // namespace weir
