// The options of `weir train`.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir {

struct TrainOptions {
  bool help = false;
  std::string kind;  // of weights
  std::string preset = "shipped";
  std::uint64_t seed = 1;
  std::map<std::string, std::string> settings = {};
  std::filesystem::path out;  // the weights; curves and picture lie beside them
  bool resume = false;
  bool progress = false;
  bool quiet = false;

  // FILE.h5 -> FILE.EXTENSION, so that all files of a training lie side by side.
  std::filesystem::path beside_out(const std::string& extension) const;
};

// In place of a kind: one after the other, into the folder `out`.
inline constexpr const char* kAllKinds = "all";

inline constexpr const char* kCheckpointExtension = "checkpoint";
inline constexpr const char* kCurvesExtension = "curves.h5";
inline constexpr const char* kPictureExtension = "svg";

// Throws Error for what is no option, a value out of range, or weights that would lie where another
// file of the training does.
TrainOptions parse_train_options(const std::vector<std::string>& arguments);

std::string train_help();

}  // namespace weir
