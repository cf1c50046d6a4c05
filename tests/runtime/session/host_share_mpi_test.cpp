#include "runtime/session/host_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

std::vector<std::string> texts_of_all(const std::string& mine) {
  Bytes bytes;
  ByteWriter(bytes).text(mine);
  std::vector<std::string> texts;
  for (const Bytes& one : test_ranks().gather_to_all(bytes)) {
    texts.push_back(ByteReader(one).text());
  }
  return texts;
}

TEST(HostShare, DividesTheCoresOfAHostAmongItsRanks) {
  const HostShare place = find_host_share(test_ranks(), {.calibrate = false});
  ASSERT_FALSE(place.share.workers.empty());
  EXPECT_TRUE(place.machine.allowed.includes(place.share.cpuset));
  const auto allowed = texts_of_all(place.machine.allowed.to_string());
  if (test_ranks().host_count() > 1) return;
  if (std::set(allowed.begin(), allowed.end()).size() > 1) return;  // Bound by the launcher.

  Cpuset together;
  int pu_count = 0;
  for (const std::string& text : texts_of_all(place.share.cpuset.to_string())) {
    const Cpuset share = Cpuset::parse(text);
    EXPECT_FALSE(share.empty());
    together = together | share;
    pu_count += share.count();
  }
  EXPECT_EQ(together.to_string(), place.machine.allowed.to_string());
  const auto oversubscribed = texts_of_all(place.share.oversubscribed ? "yes" : "no");
  if (std::ranges::find(oversubscribed, "yes") == oversubscribed.end()) {
    EXPECT_EQ(pu_count, together.count()) << "two shares have a processor together";
  }
}

TEST(HostShare, SaysOnAllRanksAlikeWhenCoresAreShared) {
  const HostShare place = find_host_share(test_ranks(), {.calibrate = false});
  std::string warnings;
  for (const std::string& line : place.warnings) warnings += line + '\n';
  for (const std::string& other : texts_of_all(warnings)) EXPECT_EQ(other, warnings);
  const auto oversubscribed = texts_of_all(place.share.oversubscribed ? "yes" : "no");
  const bool shared = std::ranges::find(oversubscribed, "yes") != oversubscribed.end();
  EXPECT_EQ(warnings.find("take turns") != warnings.npos, shared) << warnings;
}

TEST(HostShare, KeepsQuietAboutSharedCoresWhereWorkIsEmulated) {
  const HostShare place =
      find_host_share(test_ranks(), {.calibrate = false, .warn_if_oversubscribed = false});
  for (const std::string& line : place.warnings) {
    EXPECT_EQ(line.find("take turns"), line.npos) << line;
  }
}

TEST(HostShare, TakesAllSpeedsAsEqualWithoutCalibration) {
  EXPECT_EQ(find_host_share(test_ranks(), {.calibrate = false}).speed, 1);
}

}  // namespace
}  // namespace weir
