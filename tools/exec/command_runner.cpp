#include "tools/exec/command_runner.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/exec/failed_attempt.hpp"
#include "tools/exec/command_text.hpp"

namespace weir {
namespace {

// As shells number it: a command that is not there, and one that cannot be run.
constexpr int kNotFound = 127;
constexpr int kNotRunnable = 126;

double time_of_day_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Unique on a host, so that no rank takes the file of another one, and no attempt that of the one
// before.
std::string spill_name(std::uint64_t number, std::uint64_t attempt) {
  return "weir-exec-" + std::to_string(::getpid()) + "-" + std::to_string(number) + "-" +
         std::to_string(attempt);
}

// Among what the command itself says of its errors.
void note_not_started(const std::string& name, const ChildSpec& spec, CommandEnd& end) {
  const int error = end.child.start_error;
  end.child.exit_code = error == ENOENT ? kNotFound : kNotRunnable;
  ::dprintf(spec.errors, "weir-exec: %s: %s\n", name.c_str(), std::strerror(error));
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK) == 0) return;
  throw Error("the folder of --logs cannot be written to",
              folder + ": " + (error ? error.message() : std::strerror(errno)),
              "a folder that every host can make, and write to", "--logs with another folder");
}

FailedAttempt not_run(const CommandTask& task, const std::string& reason) {
  Bytes text;
  const std::string all = "command " + std::to_string(task.number) + " was not run: " + reason;
  ByteWriter(text).raw(all.data(), all.size());
  return FailedAttempt(std::move(text));
}

// A command can say nothing of a full disk that its errors are written to.
bool is_full(const std::string& folder) {
  struct statvfs disk {};
  return ::statvfs(folder.c_str(), &disk) == 0 && disk.f_bavail == 0;
}

// Behind what the command could still say itself.
void note_no_room(const CommandTask& task, const std::string& folder, ChildOutput& errors) {
  const std::string text = "weir-exec: command " + std::to_string(task.number) +
                           " failed, and no room for its output was left in " + folder +
                           "; TMPDIR=FOLDER means another one\n";
  if (!errors.kept_file.empty()) return;
  ByteWriter(errors.head).raw(text.data(), text.size());
  errors.total += text.size();
}

// A descriptor that is closed at the end.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

CommandRunner::~CommandRunner() {
  if (no_input_ >= 0) ::close(no_input_);
}

void CommandRunner::open(CommandRunnerOptions options) {
  options_ = std::move(options);
  std::error_code error;
  const std::string& folder = options_.surroundings.folder;
  if (!std::filesystem::is_directory(folder, error)) {
    throw Error("the folder that commands are to run in is not on every host",
                folder + " is missing", "the folder in which weir was started, on each host",
                "starting it in a shared folder");
  }
  if (!options_.logs.empty()) make_folder(options_.logs);
  no_input_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  WEIR_CHECK(no_input_ >= 0, "there is no /dev/null");
  watch_.emplace();
  for (int i = 0; i < options_.worker_count; ++i) {
    desks_.push_back({OutputFile(options_.spill_folder), OutputFile(options_.spill_folder)});
  }
}

void CommandRunner::end_all() {
  drain();
  watch_->end_all();
}

void CommandRunner::run(TaskContext& context, const Payload& payload, Bytes& result) {
  const std::optional<CommandTask> task = decode_command_task(payload.bytes());
  WEIR_CHECK(task.has_value(), "the payload is no command");
  CommandEnd end;
  if (!drains_) end = run_command(*task, context.worker().value());
  Bytes bytes = encode(end);
  if (end.failed()) throw FailedAttempt(std::move(bytes));
  result = std::move(bytes);
}

// An earlier attempt's, of which nobody is told. Where the next attempt runs on another rank its
// file stays.
void CommandRunner::remove_kept(std::uint64_t number) {
  const std::lock_guard lock(kept_mutex_);
  const auto found = kept_of_failed_.find(number);
  if (found == kept_of_failed_.end()) return;
  for (const std::string& file : found->second) ::unlink(file.c_str());
  kept_of_failed_.erase(found);
}

void CommandRunner::remember_kept(std::uint64_t number, const CommandEnd& end) {
  std::vector<std::string> files;
  for (const ChildOutput* output : {&end.output, &end.errors}) {
    if (!output->kept_file.empty()) files.push_back(output->kept_file);
  }
  if (files.empty()) return;
  const std::lock_guard lock(kept_mutex_);
  kept_of_failed_[number] = std::move(files);
}

CommandEnd CommandRunner::run_command(const CommandTask& task, int worker) {
  if (options_.retries > 0) remove_kept(task.number);
  CommandEnd end;
  end.ran = true;
  end.started_at_s = time_of_day_s();
  const auto began = std::chrono::steady_clock::now();
  const ChildCare care{*watch_, keeper_.place(worker)};
  if (options_.logs.empty()) {
    Desk& desk = desks_[static_cast<std::size_t>(worker)];
    run_child_of(task, care,
                 {.output = desk.output.descriptor(), .errors = desk.errors.descriptor()}, end);
    const bool had_no_room = end.failed() && is_full(options_.spill_folder);
    const std::string name = spill_name(task.number, ++attempts_);
    end.output = desk.output.take(options_.most_travelling_bytes, name + ".out");
    end.errors = desk.errors.take(options_.most_travelling_bytes, name + ".err");
    if (had_no_room) note_no_room(task, options_.spill_folder, end.errors);
    if (options_.retries > 0 && end.failed()) remember_kept(task.number, end);
  } else {
    log_output(task, care, end);
  }
  end.took = std::chrono::steady_clock::now() - began;
  return end;
}

void CommandRunner::log_output(const CommandTask& task, const ChildCare& care, CommandEnd& end) {
  const std::string base = options_.logs + "/" + std::to_string(task.number);
  const OpenFile output(base + ".out");
  const OpenFile errors(base + ".err");
  if (output.descriptor() < 0 || errors.descriptor() < 0) {
    throw not_run(task, "its output cannot be written to " + base + ".out and .err");
  }
  if (is_full(options_.logs)) {
    throw not_run(task, "no room for its output is left in " + options_.logs);
  }
  run_child_of(task, care, {.output = output.descriptor(), .errors = errors.descriptor()}, end);
}

// A line that needs no shell runs without one. Where that fails, the shell says why.
void CommandRunner::run_child_of(const CommandTask& task, const ChildCare& care, ChildSpec spec,
                                 CommandEnd& end) {
  spec.input = no_input_;
  spec.time_limit = options_.time_limit;
  if (!task.for_shell) {
    spec.words = task.words;
    end.child = run_child(spec, options_.surroundings, care);
    if (end.child.start_error != 0) note_not_started(task.words.front(), spec, end);
    return;
  }
  const std::string& line = task.words.front();
  if (auto words = plain_words(line)) {
    spec.words = std::move(*words);
    end.child = run_child(spec, options_.surroundings, care);
    if (end.child.start_error == 0) return;
  }
  spec.words = {"/bin/sh", "-c", line};
  end.child = run_child(spec, options_.surroundings, care);
  if (end.child.start_error != 0) note_not_started(spec.words.front(), spec, end);
}

}  // namespace weir
