// What durable ends of tasks cost: from the first that is noted until all are written, as they come
// in commits every 20 ms. Files lie in the current folder.

#include <benchmark/benchmark.h>

#include <filesystem>

#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kEnds = 200'000;

class ScratchLedger {
 public:
  ScratchLedger() { LedgerFolder make(path_); }
  ~ScratchLedger() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = "ledger_bench.scratch";
};

void write_ends(benchmark::State& state) {
  const auto result_bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    const ScratchLedger scratch;
    LedgerWriter writer(scratch.path(), RankId(0), "a benchmark");
    state.ResumeTiming();
    for (std::uint64_t id = 0; id < kEnds; ++id) {
      writer.note_end({.id = TaskId(id), .result = Bytes(result_bytes)});
    }
    if (writer.close()) state.SkipWithError("the ledger could not be written");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEnds));
}
BENCHMARK(write_ends)->Arg(8)->Arg(100)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
