#include "runtime/exec/kind_table.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

void do_nothing(TaskContext&, const Payload&, Bytes&) {}

TEST(KindTable, FindsKindsUnderTheirNames) {
  KindTable kinds;
  const KindId parse = kinds.add("parse", do_nothing);
  const KindId ping = kinds.add("ping", do_nothing, {.immediate = true});
  EXPECT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds.find("parse"), parse);
  EXPECT_EQ(kinds.find("ping"), ping);
  EXPECT_EQ(kinds.find("pong"), std::nullopt);
  EXPECT_FALSE(kinds.is_immediate(parse));
  EXPECT_TRUE(kinds.is_immediate(ping));
  EXPECT_EQ(kinds.name(ping), "ping");
}

TEST(KindTable, FingerprintsDifferInNameOrderAndImmediacy) {
  KindTable a, b, c;
  a.add("x", do_nothing);
  a.add("y", do_nothing);
  b.add("y", do_nothing);
  b.add("x", do_nothing);
  c.add("x", do_nothing);
  c.add("y", do_nothing, {.immediate = true});
  EXPECT_EQ(a.fingerprint(), "x\ny\n");
  EXPECT_NE(a.fingerprint(), b.fingerprint());
  EXPECT_NE(a.fingerprint(), c.fingerprint());
}

TEST(KindTable, RefusesNamesThatAreTakenEmptyOrBroken) {
  KindTable kinds;
  kinds.add("x", do_nothing);
  EXPECT_THROW(kinds.add("x", do_nothing), Error);
  EXPECT_THROW(kinds.add("", do_nothing), Error);
  EXPECT_THROW(kinds.add("two words", do_nothing), Error);
  EXPECT_EQ(kinds.size(), 1U);
}

TEST(KindTableDeathTest, RefusesAKindThatWasNeverAdded) {
  KindTable kinds;
  EXPECT_DEATH(kinds.function(KindId(3)), "no such task kind");
}

}  // namespace
}  // namespace weir
