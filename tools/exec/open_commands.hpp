// The commands that are under way, and what is known of commands like them.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// The ids of commands are their numbers in this stream; what weir tells its ranks beside, such as
// to end commands, is in the other.
inline constexpr StreamId kCommands{0};
inline constexpr StreamId kOrders{1};

struct OpenCommand {
  std::string text;  // as a person would type it
  ClassId command_class;
};

class OpenCommands {
 public:
  // Commands of one name are taken to cost about the same: each of the first names has a class of
  // its own, so that their service times are measured apart on every node. All others share the
  // last one.
  ClassId class_of(const std::string& name);

  void add(std::uint64_t number, OpenCommand command) { open_.emplace(number, std::move(command)); }
  // The command is no longer under way.
  OpenCommand remove(std::uint64_t number);
  std::size_t count() const { return open_.size(); }

  void on_ran(ClassId command_class, Duration took);
  // Of a command of that class; zero as long as none has ended.
  Duration mean_time(ClassId command_class) const;
  // Of the latest commands, whatever their class.
  Duration mean_time() const { return latest_; }

 private:
  struct Times {
    std::uint64_t count = 0;
    double sum_s = 0;
  };
  std::unordered_map<std::uint64_t, OpenCommand> open_;
  std::unordered_map<std::string, ClassId> classes_;
  std::array<Times, kMaxClasses> times_{};
  Duration latest_{0};
};

}  // namespace weir
