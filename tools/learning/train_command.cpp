#include "tools/learning/train_command.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <system_error>

#include "ml/inference/learned_planner.hpp"
#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/session/version.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/time_text.hpp"
#include "tools/command/work_line.hpp"
#include "tools/experiment/whole_file.hpp"
#include "tools/learning/held_out_figures.hpp"
#include "tools/learning/one_process.hpp"
#include "tools/learning/train_options.hpp"
#include "tools/learning/train_scorer.hpp"
#include "tools/learning/training_curves.hpp"
#include "tools/learning/training_door.hpp"

namespace weir {
namespace {

using Clock = WorkLine::Clock;

// How far the stage is, and how long it will take.
class TrainingLine {
 public:
  TrainingLine(bool is_quiet, bool is_terminal_forced)
      : line_(WorkLine::on_errors("weir-train", is_quiet, is_terminal_forced)) {}

  void show(const TrainingProgress& progress) {
    const auto now = Clock::now();
    if (progress.stage != stage_) {
      stage_ = progress.stage;
      began_ = now;
      first_done_ = progress.done;
    }
    line_.show([&] { return text(progress, now); }, now);
  }

 private:
  std::string text(const TrainingProgress& progress, Clock::time_point now) const {
    std::string text =
        stage_ + ' ' + std::to_string(progress.done) + '/' + std::to_string(progress.all);
    const double elapsed_s = std::chrono::duration<double>(now - began_).count();
    const int done = progress.done - first_done_;
    if (done > 0) {
      text += ", at most " + time_text(elapsed_s / done * (progress.all - progress.done)) + " left";
    }
    return text;
  }

  WorkLine line_;
  std::string stage_;
  Clock::time_point began_;
  int first_done_ = 0;
};

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::ostringstream text;
  text << std::put_time(&parts, "%Y-%m-%d");
  return text.str();
}

TrainingRequest request_of(const TrainOptions& options) {
  TrainingRequest request{.kind = options.kind,
                          .preset = options.preset,
                          .seed = options.seed,
                          .settings = options.settings,
                          .weights = options.out,
                          .checkpoint = options.beside_out(kCheckpointExtension),
                          .resume = options.resume};
  request.provenance["date"] = today();
  if (!options.settings.contains("from")) request.provenance["preset"] = options.preset;
  request.provenance["trained_by"] = std::string("weir ") + kVersion;
  return request;
}

// A stop ends the training in good order; what comes after it, any signal may end.
TrainingReply train_until_stopped(const TrainOptions& options, const std::filesystem::path& module,
                                  bool& has_begun) {
  const StopSignal stop;
  TrainingLine line(options.quiet, options.progress);
  const auto watch = [&](const TrainingProgress& progress) {
    has_begun = true;
    line.show(progress);
    return !stop.requested();
  };
  const TrainingRequest request = request_of(options);
  if (options.kind == kScorerKind) return train_scorer(request, watch);
  return train_in_module(module, request, watch);
}

void write_results(const TrainOptions& options, const TrainingReply& reply, std::ostream& out) {
  write_curve(reply.curve, options.beside_out(kCurvesExtension));
  write_whole_file(options.beside_out(kPictureExtension),
                   picture_of(reply.curve, "Training of the " + options.kind));
  // Scoring takes a while.
  out << options.out.string() << ": " << reply.summary << std::endl;
  if (options.kind != kForecasterKind) return;
  const HeldOutOptions held_out = options.preset == "quick"
                                      ? HeldOutOptions{.seed_count = 1, .bin_count = 1200}
                                      : HeldOutOptions{};
  for (const std::string& line : add_held_out_figures(options.out, held_out)) {
    out << "  " << line << '\n';
  }
}

int train_and_write(const TrainOptions& options, const std::filesystem::path& module,
                    bool& has_begun, std::ostream& out) {
  const TrainingReply reply = train_until_stopped(options, module, has_begun);
  if (reply.stopped) {
    const bool has_checkpoint = options.resume || !reply.curve.rows.empty();
    std::cerr << "weir-train: interrupted"
              << (has_checkpoint ? "; the same command with --resume goes on"
                                 : " before anything was learned; nothing is kept")
              << std::endl;
    return kExitInterrupted;
  }
  write_results(options, reply, out);
  // The last of all: what failed so far can be done again from it in no time.
  std::error_code ignored;
  std::filesystem::remove(options.beside_out(kCheckpointExtension), ignored);
  out << std::flush;
  return 0;
}

// A disk that is full by then is no refusal: something has run.
int train_one(const TrainOptions& options, const std::filesystem::path& module, std::ostream& out) {
  check_place_of_weights(options.out);
  bool has_begun = false;
  try {
    return train_and_write(options, module, has_begun, out);
  } catch (const Error& error) {
    if (!has_begun) throw;
    std::error_code ignored;
    const bool goes_on = std::filesystem::exists(options.beside_out(kCheckpointExtension), ignored);
    std::cerr << "weir-train: " << error.report() << '\n'
              << "weir-train: "
              << (goes_on ? "what was learned is in the checkpoint; the same command with --resume "
                            "goes on there"
                          : "nothing of it is kept")
              << std::endl;
    return EXIT_FAILURE;
  }
}

// One file of all that are trained: NAME.h5.
struct Training {
  std::string_view name;
  std::string_view kind;
  std::string_view level;  // of control; empty: the usual one
};
constexpr std::array<Training, 5> kTrainings{{{"forecaster", kForecasterKind, ""},
                                              {"scorer", kScorerKind, ""},
                                              {"control", LearnedPlanner::kKind, ""},
                                              {"capacity", LearnedPlanner::kKind, "system"},
                                              {"limits", LearnedPlanner::kKind, "node"}}};

// With --resume what has its weights is done, and what has a checkpoint goes on.
int train_all(const TrainOptions& options, const std::filesystem::path& module, std::ostream& out) {
  std::error_code ignored;
  std::filesystem::create_directories(options.out, ignored);
  for (const Training& training : kTrainings) {
    TrainOptions one = options;
    one.kind = training.kind;
    if (!training.level.empty()) one.settings["level"] = training.level;
    one.out = options.out / (std::string(training.name) + ".h5");
    one.resume =
        options.resume && std::filesystem::exists(one.beside_out(kCheckpointExtension), ignored);
    if (options.resume && !one.resume && std::filesystem::exists(one.out, ignored)) continue;
    const auto began = Clock::now();
    const int code = train_one(one, module, out);
    if (code != 0) return code;
    const double elapsed_s = std::chrono::duration<double>(Clock::now() - began).count();
    out << "  took " << std::lround(elapsed_s) << " s\n" << std::flush;
  }
  return 0;
}

}  // namespace

int train_command(const std::vector<std::string>& arguments, std::ostream& out) {
  return train_command(arguments, out, training_module_path());
}

int train_command(const std::vector<std::string>& arguments, std::ostream& out,
                  const std::filesystem::path& module) {
  const TrainOptions options = parse_train_options(arguments);
  if (options.help) {
    out << train_help();
    return 0;
  }
  refuse_several_ranks();
  if (options.kind == kAllKinds) return train_all(options, module, out);
  return train_one(options, module, out);
}

}  // namespace weir
