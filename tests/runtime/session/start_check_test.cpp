#include "runtime/session/start_check.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

Bytes rank_with(const std::string& tasks, const std::string& options = "seed=1") {
  return encode({{"task table", tasks}, {"options", options}});
}

std::string refusal_of(const std::vector<Bytes>& all) {
  return refusal([&] { require_agreement(all); });
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(StartCheck, IsContentWithOneRank) { EXPECT_EQ(refusal_of({rank_with("a")}), kNothingRefused); }

TEST(StartCheck, IsContentWhenAllRanksHoldTheSame) {
  EXPECT_EQ(refusal_of({rank_with("a\nb"), rank_with("a\nb"), rank_with("a\nb")}), kNothingRefused);
}

TEST(StartCheck, NamesTheFirstRankThatDiffersAndBothLines) {
  const std::string report = refusal_of(
      {rank_with("a\nb\nc"), rank_with("a\nb\nc"), rank_with("a\nx\nc"), rank_with("y\nb\nc")});
  EXPECT_TRUE(mentions(report, "do not agree on the task table")) << report;
  EXPECT_TRUE(mentions(report, "rank 0: b; rank 2: x")) << report;
}

TEST(StartCheck, SaysWhenATextEndsTooEarlyOnEitherSide) {
  EXPECT_TRUE(
      mentions(refusal_of({rank_with("a\nb"), rank_with("a")}), "rank 0: b; rank 1: nothing"));
  EXPECT_TRUE(
      mentions(refusal_of({rank_with("a"), rank_with("a\nb")}), "rank 0: nothing; rank 1: b"));
  EXPECT_TRUE(mentions(refusal_of({rank_with(""), rank_with("a")}), "rank 0: nothing; rank 1: a"));
}

TEST(StartCheck, ComparesEverythingThatMustBeEqual) {
  const std::string report = refusal_of({rank_with("a", "seed=1"), rank_with("a", "seed=2")});
  EXPECT_TRUE(mentions(report, "options")) << report;
  EXPECT_TRUE(mentions(report, "rank 0: seed=1; rank 1: seed=2")) << report;
}

TEST(StartCheck, RefusesBytesThatAreNoAgreements) {
  EXPECT_NE(refusal_of({rank_with("a"), Bytes(3)}), kNothingRefused);
  EXPECT_NE(refusal_of({rank_with("a"), Bytes()}), kNothingRefused);
}

TEST(StartCheck, TellsEachRankWhatItRefusesOrElseWhatAnotherDoes) {
  const Error first("no credit", "0 tasks", "at least 1", "1");
  const Error second("too many classes", "99", "at most 8", "4");
  const std::vector<Bytes> all = {encode_refusal(std::nullopt), encode_refusal(first),
                                  encode_refusal(second)};
  EXPECT_EQ(refusal([&] { require_no_refusal(all, second); }), second.report());
  const std::string report = refusal([&] { require_no_refusal(all, std::nullopt); });
  EXPECT_TRUE(mentions(report, "rank 1 refuses: no credit\n  found   0 tasks")) << report;
  EXPECT_TRUE(mentions(report, "needed  at least 1")) << report;
  EXPECT_EQ(refusal([&] {
              require_no_refusal({Bytes(), Bytes()}, std::nullopt);
            }),
            kNothingRefused);
}

}  // namespace
}  // namespace weir
