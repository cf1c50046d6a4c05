// Any bytes as what a job that was killed leaves beside a sound ledger: SQLite's write-ahead log.

#include <cstddef>
#include <cstdint>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

constexpr const char* kFile = "rank.0.ledger";
constexpr const char* kWork = "weir exec";

std::string sound_ledger(const ScratchFolder& folder) {
  {
    LedgerWriter writer(folder.path(), RankId(0), kWork);
    writer.note_end({.id = TaskId(1), .attempt = 1, .failed = false, .result = Bytes(3)});
  }
  return text_of_file(folder / kFile);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  static const ScratchFolder folder;
  static const LedgerFolder ledgers(folder.path());
  static const std::string sound = sound_ledger(folder);
  folder.write(kFile, sound);
  folder.write(std::string(kFile) + "-wal", {reinterpret_cast<const char*>(data), size});
  try {
    ledgers.read(kWork, [](const LedgerEnd&) {});
  } catch (const Error&) {
  }
  return 0;
}
