#include "ml/inference/shipped_weights.hpp"

// The assembler copies the files; the build says where they lie and makes this again when one
// changes.
#define WEIR_SHIP(name, file)                \
  asm(".pushsection .rodata\n"               \
      ".balign 8\n"                          \
      ".hidden " #name                       \
      "_begin\n"                             \
      ".global " #name "_begin\n" #name      \
      "_begin:\n"                            \
      ".incbin \"" file                      \
      "\"\n"                                 \
      ".hidden " #name                       \
      "_end\n"                               \
      ".global " #name "_end\n" #name        \
      "_end:\n"                              \
      ".popsection\n");                      \
  extern "C" const std::byte name##_begin[]; \
  extern "C" const std::byte name##_end[]

WEIR_SHIP(weir_shipped_forecaster, WEIR_FORECASTER_FILE);
WEIR_SHIP(weir_shipped_scorer, WEIR_SCORER_FILE);

#undef WEIR_SHIP

namespace weir {

std::span<const std::byte> shipped_weights(std::string_view kind) {
  if (kind == "forecaster") return {weir_shipped_forecaster_begin, weir_shipped_forecaster_end};
  if (kind == "scorer") return {weir_shipped_scorer_begin, weir_shipped_scorer_end};
  return {};
}

WeightFile read_or_shipped_weights(const std::filesystem::path& path, const std::string& kind,
                                   std::int64_t schema) {
  if (!path.empty()) return read_weights(path, kind, schema);
  return read_weights(shipped_weights(kind), "the " + kind + " that comes with weir", kind, schema);
}

}  // namespace weir
