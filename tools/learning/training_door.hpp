// The door between `weir train` and the module that holds LibTorch. The program opens the module
// when it is asked to train, and never links it: LibTorch takes 154 MB and a third of a second from
// a process that only runs what was learned.
//
// Both sides are built together, so that plain C++ values go through; exceptions do not.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/record/column.hpp"

namespace weir {

struct TrainingRequest {
  std::string kind;  // of weights: "forecaster"
  std::string preset;
  std::uint64_t seed = 1;
  std::map<std::string, std::string> settings = {};  // of the kind, in place of the preset's
  std::filesystem::path weights;
  std::filesystem::path checkpoint;  // written after each epoch; the program removes it at the end
  bool resume = false;
  Attributes provenance = {};  // stored with the weights
};

struct TrainingProgress {
  std::string stage;  // "streams", "epochs"
  int done = 0;
  int all = 0;  // at most
};

// Called while training goes on; false asks it to stop.
using TrainingWatch = std::function<bool(const TrainingProgress&)>;

// One name for each column; the first one is the axis the others are drawn over.
struct TrainingCurve {
  std::vector<std::string> columns = {};
  std::vector<std::vector<double>> rows = {};  // as wide as columns
};

struct TrainingReply {
  TrainingCurve curve = {};
  std::string summary = {};  // one line
  bool stopped = false;
  std::optional<Error> refusal = {};        // bad input, for the program to throw
  std::optional<std::string> failure = {};  // anything else that went wrong
};

// What the module exports. The number changes with the structs above.
inline constexpr const char* kTrainingEntry = "weir_train_1";
using TrainingEntry = void (*)(const TrainingRequest& request, const TrainingWatch& watch,
                               TrainingReply& reply);

inline constexpr const char* kTrainingModuleName = "libweir_training.so";

// Beside the running program. Throws Error where the system does not say where that lies: a name
// without a folder would be looked for in the working folder.
std::filesystem::path training_module_path();
// Beside `program`. Throws Error where that is empty.
std::filesystem::path training_module_path(const std::filesystem::path& program);

// Opens the module, which stays open, and trains. Throws Error where there is no module, it is one
// of another weir, or the request is refused; std::runtime_error for any other failure.
TrainingReply train_in_module(const std::filesystem::path& module, const TrainingRequest& request,
                              const TrainingWatch& watch);

}  // namespace weir
