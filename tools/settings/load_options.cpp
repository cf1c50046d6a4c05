#include "tools/settings/load_options.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <sstream>

#include "jobs/kernels/kernel.hpp"
#include "jobs/streams/load_profile.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr OptionBounds kPatience{1e-6, 1e6};  // seconds
constexpr OptionBounds kInFlight{1, 1e9};
// Seconds. Nodes say something every 250 ms: sooner, bad luck would look like silence.
constexpr OptionBounds kSilence{1, 1e6};

// Those that are given class by class.
constexpr std::array<std::string_view, 5> kByClass = {"deadline", "priority", "profile",
                                                      "queue-order", "share"};

template <typename Value>
struct NamedValue {
  std::string_view name;
  Value value;
};
constexpr std::array<NamedValue<QueueOrder>, 3> kOrders = {
    {{"fifo", QueueOrder::kFifo},
     {"shortest_first", QueueOrder::kShortestFirst},
     {"earliest_deadline", QueueOrder::kEarliestDeadline}}};
constexpr std::array<NamedValue<Overflow>, 2> kOverflows = {
    {{"wait", Overflow::kWait}, {"drop", Overflow::kDrop}}};
constexpr std::array<NamedValue<Migration>, 3> kMigrations = {
    {{"tree", Migration::kWithTree}, {"on", Migration::kOn}, {"off", Migration::kOff}}};
constexpr std::array<NamedValue<bool>, 2> kYesNo = {{{"true", true}, {"false", false}}};

// `prefix` comes before the value in what to try.
template <typename Value, std::size_t kCount>
Value choice_of(const std::string& text, const std::string& option, const std::string& prefix,
                const std::array<NamedValue<Value>, kCount>& choices) {
  std::string names;
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  throw Error("the value of --" + option + " cannot be used", "\"" + text + "\"", "one of " + names,
              "--" + option + "=" + prefix + std::string(choices.front().name));
}

template <typename Value, std::size_t kCount>
Value choice_of(const po::variables_map& given, const std::string& option,
                const std::array<NamedValue<Value>, kCount>& choices) {
  return choice_of(given[option].as<std::string>(), option, "", choices);
}

template <typename Value, std::size_t kCount>
std::string name_of(Value value, const std::array<NamedValue<Value>, kCount>& choices) {
  return std::string(std::ranges::find(choices, value, &NamedValue<Value>::value)->name);
}

// The values of an option by class, from texts CLASS=VALUE. `names_a_class` says which texts are
// such; others are for all classes, "".
std::map<std::string, std::string> by_class(const po::variables_map& given,
                                            const std::string& option, const std::string& example,
                                            bool (*names_a_class)(const std::string&)) {
  std::map<std::string, std::string> values;
  if (!given.count(option)) return values;
  const auto known = kernel_names();
  for (const std::string& text : given[option].as<std::vector<std::string>>()) {
    const auto equals = names_a_class(text) ? text.find('=') : std::string::npos;
    const bool named = equals != std::string::npos;
    const std::string name = named ? text.substr(0, equals) : "";
    std::string names;
    for (const std::string_view each : known) {
      names += (names.empty() ? "" : ", ") + std::string(each);
    }
    const std::string try_this = "--" + option + " finance=" + example;
    if (names_a_class(text) && std::ranges::find(known, name) == known.end()) {
      throw Error("--" + option + " does not name a class", "\"" + text + "\"",
                  "CLASS=VALUE with one of " + names, try_this);
    }
    if (!values.emplace(name, named ? text.substr(equals + 1) : text).second) {
      throw Error("--" + option + " is given twice" + (named ? " for one class" : ""),
                  "\"" + text + "\" as well", "one value", try_this);
    }
  }
  return values;
}

bool always(const std::string&) { return true; }
bool has_equals(const std::string& text) { return text.find('=') != std::string::npos; }

void read_queue_orders(const po::variables_map& given, QueueOptions& queue) {
  const auto classes = kernel_names();
  for (const auto& [name, text] : by_class(given, "queue-order", "shortest_first", has_equals)) {
    if (name.empty()) {
      queue.order = choice_of(text, "queue-order", "", kOrders);
      continue;
    }
    const auto number = std::ranges::find(classes, name) - classes.begin();
    queue.class_orders[static_cast<std::size_t>(number)] =
        choice_of(text, "queue-order", name + "=", kOrders);
  }
}

void read_by_class(const po::variables_map& given, LoadOptions& options) {
  options.profiles = by_class(given, "profile", "0s:0.6,120s:0.95", has_equals);
  for (const auto& [name, text] : options.profiles) LoadProfile::parse(text);
  for (const auto& [name, text] : by_class(given, "share", "0.5", always)) {
    options.shares[name] =
        number_of({"share", text, name + "=0.5"}, "a share of the rate", {1e-6, 1});
  }
  for (const auto& [name, text] : by_class(given, "priority", "2", always)) {
    options.priorities[name] =
        static_cast<int>(whole_number_of({"priority", text, name + "=2"}, {0, 255}));
  }
  for (const auto& [name, text] : by_class(given, "deadline", "200ms", always)) {
    options.deadlines[name] = duration_of({"deadline", text, name + "=200ms"}, kPatience);
  }
}

struct ControlPart {
  std::string_view name;
  bool NodeControlOptions::*part;
};
constexpr std::array<ControlPart, 3> kControlParts = {{{"limits", &NodeControlOptions::limits},
                                                       {"regime", &NodeControlOptions::regime},
                                                       {"shares", &NodeControlOptions::shares}}};

NodeControlOptions node_control_of(const std::string& text) {
  NodeControlOptions control;
  if (text == "off") return control;
  if (text == "on") return {.limits = true, .regime = true, .shares = true};
  std::istringstream names(text + "+");
  for (std::string name; std::getline(names, name, '+');) {
    const auto part = std::ranges::find(kControlParts, std::string_view(name), &ControlPart::name);
    if (part == kControlParts.end() || control.*part->part) {
      throw Error("the value of --node-control cannot be used", "\"" + text + "\"",
                  "on, off, or some of limits, regime and shares with + between them, each once",
                  "--node-control=limits+regime");
    }
    control.*part->part = true;
  }
  return control;
}

std::string text_of(const NodeControlOptions& control) {
  std::string text;
  for (const auto& [name, part] : kControlParts) {
    if (control.*part) text += (text.empty() ? "" : "+") + std::string(name);
  }
  return text.empty() ? "off" : text;
}

}  // namespace

void describe_load_options(po::options_description& all) {
  const auto repeatable = [] { return po::value<std::vector<std::string>>(); };
  const auto yes_or_no = [] { return po::value<std::string>()->implicit_value("true"); };
  auto add = all.add_options();
  add("profile", repeatable(),
      "factors of the rate over time, 0s:0.6,120s:0.95 in steps or 0s:1..10s:2 in lines; of one "
      "class as CLASS=PROFILE");
  add("share", repeatable(), "CLASS=SHARE of the rate of all streams; the rest is shared equally");
  add("priority", repeatable(), "CLASS=NUMBER from 0 to 255; higher runs first (default 0)");
  add("deadline", repeatable(), "CLASS=TIME from arrival to the end that counts as in time");
  add("queue-order", repeatable(),
      "at a node: fifo (default), shortest_first or earliest_deadline; among the tasks of one "
      "class "
      "as CLASS=ORDER");
  add("node-control", po::value<std::string>(),
      "what nodes decide by themselves: on (default where the policy follows the tree, as "
      "`learned` does), off (default with others), or some of limits+regime+shares");
  add("migration", po::value<std::string>(),
      "coordinators move queued tasks: tree (default: where the policy follows it), on or off");
  add("suspect-after", po::value<std::string>(),
      "silence after which a node's tasks are run elsewhere, or off (default 2s)");
  add("size-hints", yes_or_no(),
      "tasks carry their expected work, emulated ones their true one (default false)");
  add("drop-late", yes_or_no(),
      "drop a task whose turn comes too late for its deadline (default false)");
  add("max-in-flight", po::value<std::string>(),
      "tasks of a home that may be under way (default 65536)");
  add("overflow", po::value<std::string>(),
      "further ones wait (default) or are dropped: wait or drop");
}

LoadOptions read_load_options(const po::variables_map& given) {
  LoadOptions options;
  read_by_class(given, options);
  read_queue_orders(given, options.queue);
  if (given.count("node-control")) {
    options.node_control = node_control_of(given["node-control"].as<std::string>());
  }
  if (given.count("migration")) options.migration = choice_of(given, "migration", kMigrations);
  if (given.count("suspect-after")) {
    const std::string text = given["suspect-after"].as<std::string>();
    options.suspicion.after = text == "off"
                                  ? Duration::zero()
                                  : duration_of({"suspect-after", text, "2s, or off"}, kSilence);
  }
  if (given.count("drop-late")) options.queue.drop_late = choice_of(given, "drop-late", kYesNo);
  if (given.count("size-hints")) options.size_hints = choice_of(given, "size-hints", kYesNo);
  if (given.count("max-in-flight")) {
    options.max_in_flight = whole_number_of(
        {"max-in-flight", given["max-in-flight"].as<std::string>(), "1000"}, kInFlight);
  }
  if (given.count("overflow")) options.overflow = choice_of(given, "overflow", kOverflows);
  return options;
}

std::vector<std::pair<std::string, std::string>> as_text(const LoadOptions& options) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [name, text] : options.profiles) {
    all.emplace_back("profile", (name.empty() ? "" : name + "=") + text);
  }
  for (const auto& [name, share] : options.shares) {
    all.emplace_back("share", name + "=" + number_text(share));
  }
  for (const auto& [name, priority] : options.priorities) {
    all.emplace_back("priority", name + "=" + std::to_string(priority));
  }
  for (const auto& [name, patience] : options.deadlines) {
    all.emplace_back("deadline", name + "=" + number_text(to_seconds(patience)) + "s");
  }
  all.emplace_back("queue-order", name_of(options.queue.order, kOrders));
  const auto classes = kernel_names();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto& order = options.queue.class_orders[i];
    if (!order) continue;
    all.emplace_back("queue-order", std::string(classes[i]) + "=" + name_of(*order, kOrders));
  }
  if (options.node_control) all.emplace_back("node-control", text_of(*options.node_control));
  all.emplace_back("migration", name_of(options.migration, kMigrations));
  const Duration silence = options.suspicion.after;
  all.emplace_back("suspect-after",
                   silence == Duration::zero() ? "off" : number_text(to_seconds(silence)) + "s");
  all.emplace_back("size-hints", name_of(options.size_hints, kYesNo));
  all.emplace_back("drop-late", name_of(options.queue.drop_late, kYesNo));
  if (options.max_in_flight) {
    all.emplace_back("max-in-flight", std::to_string(*options.max_in_flight));
  }
  all.emplace_back("overflow", name_of(options.overflow, kOverflows));
  return all;
}

bool is_class_setting(const std::string& name) {
  const auto dot = name.find('.');
  return dot != std::string::npos &&
         std::ranges::find(kByClass, std::string_view(name).substr(0, dot)) != kByClass.end();
}

}  // namespace weir
