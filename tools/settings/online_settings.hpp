// Options of `weir run` and of scenarios that say whether the policy `learned` learns while it
// runs.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/control/learning_options.hpp"

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

struct OnlineSettings {
  OnlineLearning mode = OnlineLearning::kOff;
  std::filesystem::path save_weights;  // a file for what was learned; empty: nothing is kept
};

// Adds their descriptions.
void describe_online_options(boost::program_options::options_description& all);

// Throws Error for whatever is unknown.
OnlineSettings read_online_options(const boost::program_options::variables_map& given);

// What was given and changes nothing, a line each.
std::vector<std::string> without_effect(const OnlineSettings& settings, const std::string& policy);

// Name and value as text, as RunOptions has them.
std::vector<std::pair<std::string, std::string>> as_text(const OnlineSettings& settings);

}  // namespace weir
