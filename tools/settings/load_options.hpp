// Options of `weir run` and of scenarios that say how load comes and what becomes of it: rates that
// change, shares and importance of classes, deadlines, the order of queues, admission.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/exec/task_queue.hpp"

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

// Classes go by their names.
struct LoadOptions {
  std::map<std::string, std::string> profiles;  // by class; "": of all that have none of their own
  std::map<std::string, double> shares;         // of the rate of all streams
  std::map<std::string, int> priorities;
  std::map<std::string, Duration> deadlines;  // after the arrival
  QueueOptions queue;
  // Where it is not given the policy decides: all of it beside `tree`, else nothing.
  std::optional<NodeControlOptions> node_control;
  Migration migration = Migration::kWithTree;
  SuspicionOptions suspicion;
  bool size_hints = false;                   // whether tasks carry their expected work
  std::optional<std::size_t> max_in_flight;  // per home
  Overflow overflow = Overflow::kWait;
};

// Adds their descriptions.
void describe_load_options(boost::program_options::options_description& all);

// Throws Error for whatever is unknown, malformed or out of range.
LoadOptions read_load_options(const boost::program_options::variables_map& given);

// Name and value as text, as RunOptions has them.
std::vector<std::pair<std::string, std::string>> as_text(const LoadOptions& options);

// Whether a setting of a scenario, such as "deadline.finance", is one of these options for one
// class: then `--deadline=finance=VALUE` says the same.
bool is_class_setting(const std::string& name);

}  // namespace weir
