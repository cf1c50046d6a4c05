#include "tools/exec/open_commands.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Of the latest commands about so many count.
constexpr int kRemembered = 32;

}  // namespace

ClassId OpenCommands::class_of(const std::string& name) {
  const auto found = classes_.find(name);
  if (found != classes_.end()) return found->second;
  if (classes_.size() >= kMaxClasses - 1) return ClassId(kMaxClasses - 1);
  const ClassId next(static_cast<std::uint8_t>(classes_.size()));
  classes_.emplace(name, next);
  return next;
}

OpenCommand OpenCommands::remove(std::uint64_t number) {
  const auto found = open_.find(number);
  WEIR_CHECK(found != open_.end(), "a command ended that was not under way");
  OpenCommand command = std::move(found->second);
  open_.erase(found);
  return command;
}

void OpenCommands::on_ran(ClassId command_class, Duration took) {
  Times& times = times_[command_class.value()];
  ++times.count;
  times.sum_s += to_seconds(took);
  latest_ = latest_ == Duration(0) ? took : latest_ + (took - latest_) / kRemembered;
}

Duration OpenCommands::mean_time(ClassId command_class) const {
  const Times& times = times_[command_class.value()];
  return times.count == 0 ? Duration(0)
                          : from_seconds(times.sum_s / static_cast<double>(times.count));
}

}  // namespace weir
