#include "tools/launch/submit_command.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "runtime/base/check.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/launch/job_scripts.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

const std::string kExample = "weir submit --nodes=4 --cpus-per-task=16 -- run --stream finance";
constexpr int kExitNoProgram = 127;
constexpr int kSignalBase = 128;

std::string usage() {
  return "usage: weir submit [options of sbatch] -- SUBCOMMAND ...\n\n"
         "Submits a job of Slurm that runs `weir SUBCOMMAND ...` on all its nodes, a rank on "
         "each,\n"
         "and prints its number. All before -- is for sbatch: --nodes, --cpus-per-task, --time,\n"
         "--partition, --account, ... `train` runs on one node. A run that is out of time is put\n"
         "back into the queue and goes on where it stopped. slurm/README.md says more.\n\n"
         "  " +
         kExample + '\n';
}

std::string in_quotes(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string own_program() {
  std::array<char, PATH_MAX> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length <= 0 ? "weir" : std::string(path.data(), static_cast<std::size_t>(length));
}

// In memory, so that it needs no disk and nothing is left of it, however this program ends; and
// with a path, for sbatch takes no arguments of a script that it reads from its standard input.
// sbatch inherits the file, and copies the script before it returns.
class ScriptFile {
 public:
  explicit ScriptFile(const std::string& text) : file_(::memfd_create("weir.sbatch", 0)) {
    const auto size = static_cast<ssize_t>(text.size());
    if (file_ >= 0 && ::write(file_, text.data(), text.size()) == size) return;
    const std::string reason = std::strerror(errno);
    if (file_ >= 0) ::close(file_);
    throw Error("the script of the job cannot be written", reason,
                std::to_string(text.size()) + " bytes of memory, and a file in it",
                "raising the limit of open files (ulimit -n)");
  }
  ~ScriptFile() { ::close(file_); }
  ScriptFile(const ScriptFile&) = delete;
  ScriptFile& operator=(const ScriptFile&) = delete;

  // In a child of this process.
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

// Ctrl-C is for sbatch, which is in the same group: what it has printed until then is told.
class IgnoredInterrupt {
 public:
  IgnoredInterrupt() : before_(std::signal(SIGINT, SIG_IGN)) {}
  ~IgnoredInterrupt() { restore(); }
  IgnoredInterrupt(const IgnoredInterrupt&) = delete;
  IgnoredInterrupt& operator=(const IgnoredInterrupt&) = delete;

  void restore() const { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

struct Answer {
  int exit_code = 0;
  std::string output;
  std::string errors;
};

std::string read_all(int file) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = ::read(file, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(file);
  return text;
}

Answer call(Strings command) {
  std::array<int, 2> output{};
  std::array<int, 2> errors{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(errors.data(), O_CLOEXEC) != 0) {
    throw Error("sbatch cannot be started", std::strerror(errno), "two pipes",
                "raising the limit of open files (ulimit -n)");
  }
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  const IgnoredInterrupt interrupt;
  const pid_t child = ::fork();
  if (child < 0) {
    throw Error("sbatch cannot be started", std::strerror(errno), "one more process",
                "raising the limit of processes (ulimit -u)");
  }
  if (child == 0) {
    interrupt.restore();
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(errors[1], STDERR_FILENO);
    ::execvp(words.front(), words.data());
    ::_exit(kExitNoProgram);
  }
  ::close(output[1]);
  ::close(errors[1]);
  Answer answer;
  // What it says in errors is a few lines, which a pipe holds.
  answer.output = read_all(output[0]);
  answer.errors = read_all(errors[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
  return answer;
}

// One line of several, without its first words "sbatch: error: ".
std::string in_one_line(const std::string& text) {
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string part = text.substr(at, end - at);
    for (const char* prefix : {"sbatch: ", "error: "}) {
      if (part.starts_with(prefix)) part.erase(0, std::strlen(prefix));
    }
    if (!part.empty()) line += (line.empty() ? "" : "; ") + part;
    at = end + 1;
  }
  return line;
}

// As sbatch reads its options: by a letter, or by the name or what of it is clear enough.
bool names(const std::string& word, char letter, std::string_view name) {
  if (word.starts_with(std::string{'-', letter})) return true;
  const std::string given = word.substr(0, word.find('='));
  return given.size() >= 4 && name.starts_with(given);
}

// A job whose output cannot be made ends before its script begins, and so without a word.
void check_place_of_output(const Strings& sbatch) {
  const bool is_elsewhere =
      std::getenv("SBATCH_OUTPUT") != nullptr || std::ranges::any_of(sbatch, [](const auto& word) {
        return names(word, 'o', "--output") || names(word, 'D', "--chdir");
      });
  if (is_elsewhere || ::access(".", W_OK) == 0) return;
  const std::string reason = std::strerror(errno);
  std::array<char, PATH_MAX> folder{};
  const char* const here = ::getcwd(folder.data(), folder.size());
  throw Error("the job would have no place for its output",
              std::string(here ? here : "this folder") + ": " + reason,
              "a folder that the nodes can write to, for slurm-NUMBER.out",
              "another folder, or --output=/scratch/%j.out");
}

bool mentions(std::string text, std::string_view word) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find(word) != std::string::npos;
}

}  // namespace

SubmitOptions parse_submit_options(const Strings& arguments, const SubcommandCheck& check) {
  SubmitOptions options;
  const auto divider = std::ranges::find(arguments, "--");
  options.sbatch.assign(arguments.begin(), divider);
  options.help = std::ranges::any_of(
      options.sbatch, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (options.help) return options;
  if (divider == arguments.end() || divider + 1 == arguments.end()) {
    throw Error("there is no subcommand to submit",
                divider == arguments.end() ? "no --" : "nothing after --",
                "-- and a subcommand of weir after the options of sbatch", kExample);
  }
  options.subcommand.assign(divider + 1, arguments.end());
  // Now, and not in an hour when the job's turn comes.
  check(options.subcommand);
  return options;
}

std::string job_script(const SubmitOptions& options, const std::string& program) {
  std::string script = options.subcommand.front() == "train" ? kTrainScript : kRunScript;
  const std::string begin = "\nset -u\n";
  const auto at = script.find(begin);
  WEIR_CHECK(at != std::string::npos, "the script has no place for the program");
  script.insert(at + begin.size(), "WEIR_PROGRAM=${WEIR_PROGRAM:-" + in_quotes(program) + "}\n");
  return script;
}

Error sbatch_refusal(const std::string& said) {
  const std::string problem = "Slurm does not take the job";
  const std::string found = said.empty() ? "sbatch failed without a word" : said;
  struct Remedy {
    const char* word;
    const char* needed;
    const char* try_this;
  };
  constexpr std::array kRemedies{
      Remedy{"munge", "munged, by which Slurm knows its users, on this machine",
             "`munge -n | unmunge`; where it fails, the administrators start munged"},
      Remedy{"authentication", "a user and a munge key that the cluster knows",
             "`munge -n | unmunge`, and asking the administrators"},
      Remedy{"configuration source", "a machine that a cluster of Slurm knows",
             "a login node of the cluster, or SLURM_CONF with the path of its slurm.conf"},
      Remedy{"contact", "a controller of Slurm that answers", "`scontrol ping`; later once more"},
      Remedy{"connect", "a controller of Slurm that answers", "`scontrol ping`; later once more"},
      Remedy{"partition", "a partition that exists and that you may use",
             "`sinfo -s` lists them; --partition=NAME"},
      Remedy{"account", "an account that you may charge",
             "`sacctmgr show assoc user=$USER`; --account=NAME"},
      Remedy{"node configuration", "nodes that the partition has",
             "`sinfo -N -l` lists them; fewer --nodes or --cpus-per-task"},
      Remedy{"node count", "nodes that the partition has", "`sinfo -s`; fewer --nodes"},
      Remedy{"time limit", "a time that the partition allows", "`sinfo -s`; a shorter --time"}};
  for (const Remedy& remedy : kRemedies) {
    if (mentions(found, remedy.word)) return {problem, found, remedy.needed, remedy.try_this};
  }
  return {problem, found, "options that sbatch takes", "`sbatch --help`"};
}

int submit_command(const Strings& arguments, const SubcommandCheck& check, std::ostream& out) {
  const SubmitOptions options = parse_submit_options(arguments, check);
  if (options.help) {
    out << usage();
    return EXIT_SUCCESS;
  }
  check_place_of_output(options.sbatch);
  const ScriptFile script(job_script(options, own_program()));
  Strings command{"sbatch", "--parsable"};
  command.insert(command.end(), options.sbatch.begin(), options.sbatch.end());
  command.push_back(script.path());
  const bool trains = options.subcommand.front() == "train";
  command.insert(command.end(), options.subcommand.begin() + (trains ? 1 : 0),
                 options.subcommand.end());
  const Answer answer = call(command);
  // NUMBER or NUMBER;CLUSTER. With --wait the job may have failed since.
  const std::string number = answer.output.substr(0, answer.output.find_first_of(";\n"));
  const bool is_number = !number.empty() && std::ranges::all_of(number, [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  if (is_number) {
    std::cerr << answer.errors;
    if (!(out << number << std::endl)) std::cerr << "weir-submit: job " << number << std::endl;
    return answer.exit_code;
  }
  if (answer.exit_code == kExitInterrupted) {
    std::cerr << "weir-submit: interrupted; `squeue --me` shows whether Slurm has taken the job"
              << std::endl;
    return kExitInterrupted;
  }
  if (answer.exit_code == kExitNoProgram) {
    const char* path = std::getenv("PATH");
    throw Error("sbatch is not here", std::string("none in PATH=") + (path ? path : ""),
                "Slurm's sbatch, as the login nodes of a cluster have it",
                "a login node, or `module load slurm`; without Slurm: weir launch -n 4 -- run ...");
  }
  throw sbatch_refusal(in_one_line(answer.errors + answer.output));
}

}  // namespace weir
