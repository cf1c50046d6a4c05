// Any bytes as the file of a ledger: it is read, or refused and left as it was.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/ledger/ledger_folder.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

constexpr const char* kFile = "rank.0.ledger";

void forget_files(const ScratchFolder& folder) {
  for (const char* end : {"", "-wal", "-journal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(folder.path() / (std::string(kFile) + end), ignored);
  }
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  static const ScratchFolder folder;
  static const LedgerFolder ledgers(folder.path());
  forget_files(folder);
  const std::string_view before(reinterpret_cast<const char*>(data), size);
  folder.write(kFile, before);
  bool refused = false;
  try {
    ledgers.read("weir exec", [](const LedgerEnd&) {});
  } catch (const Error&) {
    refused = true;
  }
  if (refused) {
    const bool same = text_of_file(folder / kFile) == before;
    WEIR_CHECK(same, "a file that was refused is another now");
  }
  return 0;
}
