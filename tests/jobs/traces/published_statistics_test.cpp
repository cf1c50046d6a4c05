// Every file of the trace collection opens, and measures as its published statistics say. The
// collection is not part of weir: WEIR_TRACES_DIR names its folder, else ../shared/traces beside
// the sources is taken, and without either these tests are skipped.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "jobs/kernels/kernel.hpp"
#include "jobs/statistics.hpp"
#include "jobs/stream.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::optional<std::filesystem::path> trace_collection() {
  const char* named = std::getenv("WEIR_TRACES_DIR");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "traces";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".gz") files.push_back(entry.path());
  }
  return files;
}

TEST(TraceCollection, OpensAsStreamsWhoseTasksRun) {
  const auto collection = trace_collection();
  if (!collection) GTEST_SKIP() << "no trace collection; set WEIR_TRACES_DIR";
  for (const char* folder : {"financial", "social", "iot"}) {
    for (const auto& file : files_of(*collection / folder)) {
      const auto stream = open_trace(file, {});
      Arrival arrival;
      for (int i = 0; i < 5; ++i) ASSERT_TRUE(stream->next(arrival)) << file;
      Bytes payload;
      Bytes result;
      stream->append_payload(payload);
      find_kernel(stream->kernel())(payload, result);
      EXPECT_FALSE(result.empty()) << file;
    }
  }
}

TEST(TraceCollection, OpensOrRefusesEveryOtherFileWithAReason) {
  const auto collection = trace_collection();
  if (!collection) GTEST_SKIP() << "no trace collection; set WEIR_TRACES_DIR";
  int opened = 0;
  for (const auto& file : files_of(*collection / "compute")) {
    try {
      open_trace(file, {});
      ++opened;
    } catch (const Error& error) {
      EXPECT_NE(error.report().find("not arrivals") != std::string::npos ||
                    error.report().find("without arrival times") != std::string::npos,
                false)
          << error.report();
    }
  }
  EXPECT_EQ(opened, 15);
  for (const auto& file : files_of(*collection / "node_level")) {
    EXPECT_THROW(open_trace(file, {}), Error) << file;
  }
}

struct Published {
  const char* file;
  double rate_per_s;
  Duration window;
  double index_of_dispersion;
};

TEST(TraceCollection, MeasuresAsPublished) {
  const auto collection = trace_collection();
  if (!collection) GTEST_SKIP() << "no trace collection; set WEIR_TRACES_DIR";
  const Published published[] = {
      {"financial/binance_usdm_btcusdt_20240808.csv.gz", 272.5, 1ms, 11.6},
      {"financial/binance_usdm_btcusdt_20240808.csv.gz", 272.5, 10s, 425.6},
      {"financial/us_equity_bac_20131007_quotes.csv.gz", 20.18, 1s, 134},
      {"financial/bitstamp_btcusd_20150501.csv.gz", 3.378, 60s, 8.26},
      {"social/college_messages.csv.gz", 0.00972, 3600s, 67.7},
      {"social/nab_tweets_AMZN.csv.gz", 0.1777, 3600s, 100.4},
      {"iot/can_350z.csv.gz", 1259, 1ms, 2.58},
      {"iot/iot_http_umts_d2.csv.gz", 17.79, 1s, 0.188},
      {"iot/open_smart_home.csv.gz", 0.0333, 300s, 4.02},
      {"compute/pwa_lcg2005_grid_days0-3.csv.gz", 0.1873, 60s, 4.9},
  };
  for (const Published& trace : published) {
    const std::vector<Duration> windows = {trace.window};
    const StreamStatistics found = measure(*open_trace(*collection / trace.file, {}), windows);
    EXPECT_NEAR(found.rate_per_s / trace.rate_per_s, 1, 0.005) << trace.file;
    EXPECT_NEAR(found.windows.at(0).index_of_dispersion / trace.index_of_dispersion, 1, 0.05)
        << trace.file;
  }
}

}  // namespace
}  // namespace weir
