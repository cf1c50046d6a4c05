// A scenario: an INI file of the options of `weir run` that describe work, nodes and policy, and of
// the virtual world around them; and settings that change it.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/sim/oracle_policy.hpp"
#include "tools/settings/run_options.hpp"
#include "tools/settings/world_settings.hpp"

namespace weir {

// NAME = VALUE, in order; a name may come several times.
using Settings = std::vector<std::pair<std::string, std::string>>;

// What a scenario and its settings come to.
struct SimulateOptions {
  Settings settings;  // that say all of this
  RunOptions run;
  WorldSettings world;
  Duration warm_up{0};  // of the run; tasks that arrive in it are not counted
  Duration clock_skew = std::chrono::seconds(1);
  double clock_drift = 2e-5;
  Duration advisor_delay = std::chrono::milliseconds(1);
  OracleKnowledge oracle;
};

// Throws Error for what is no readable INI file.
Settings read_scenario(const std::string& path);

// Applies texts "NAME=VALUE" in order, as change_setting() does. Throws Error where one name comes
// twice, and for a load beside a rate; it quotes texts as they were written, behind
// `written_behind`.
void change_settings(Settings& settings, const std::vector<std::string>& texts,
                     const std::string& written_behind = "--set ");

// Puts VALUE in place of whatever the settings say of NAME.
void replace_setting(Settings& settings, const std::string& name, const std::string& value);

// The same for a text "NAME=VALUE"; a load replaces a rate, and the other way round. Throws Error
// for a text without a name.
void change_setting(Settings& settings, const std::string& text);

// Throws Error for whatever is unknown, malformed or out of range.
SimulateOptions options_of(const Settings& settings);

}  // namespace weir
