#include "tools/settings/isolation_settings.hpp"

#include <boost/program_options.hpp>

#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"

namespace weir {

namespace po = boost::program_options;

void describe_isolation_options(po::options_description& all) {
  auto add = all.add_options();
  add("isolate", po::bool_switch(),
      "run tasks in child processes, one for each worker: a crash costs that attempt only");
  add("inject-crashes", po::value<std::string>(),
      "with --isolate: make this share of the attempts crash, for trying what happens then "
      "(default 0)");
}

IsolationSettings read_isolation_options(const po::variables_map& given) {
  IsolationSettings settings{.on = given["isolate"].as<bool>()};
  if (given.count("inject-crashes")) {
    settings.crash_share = number_of(
        {"inject-crashes", given["inject-crashes"].as<std::string>(), "0.01"}, "a share", {0, 1});
  }
  if (settings.on && given.count("emulate")) {
    throw Error("emulated work cannot be isolated", "--isolate and --emulate",
                "tasks that compute, for a crash to happen in", "leaving out one of them");
  }
  if (settings.crash_share > 0 && !settings.on) {
    throw Error("a crash would end its rank and the run", "--inject-crashes without --isolate",
                "tasks that run in child processes", "--isolate");
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> as_text(const IsolationSettings& settings) {
  std::vector<std::pair<std::string, std::string>> all;
  if (settings.on) all.emplace_back("isolate", "1");
  if (settings.crash_share > 0) {
    all.emplace_back("inject-crashes", number_text(settings.crash_share));
  }
  return all;
}

}  // namespace weir
