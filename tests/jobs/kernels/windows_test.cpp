#include "jobs/kernels/windows.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "jobs/kernels/kernel.hpp"
#include "tests/support/numbers.hpp"

namespace weir {
namespace {

FinanceWindow small_book() { return {7, 3, {{10, 100, 102, 5, 6}, {20, 101, 103, 7, 8}}}; }
SensorWindow small_sensor() { return {9, 2, {1, 2, 3, 4}}; }
SocialWindow small_text() { return {4, "some words"}; }

TEST(Windows, ComeBackAsTheyWereEncoded) {
  const FinanceWindow book = decode_finance_window(encoded(small_book()));
  EXPECT_EQ(book.seed, 7u);
  EXPECT_EQ(book.work_units, 3u);
  EXPECT_EQ(book.updates, small_book().updates);
  const SensorWindow sensor = decode_sensor_window(encoded(small_sensor()));
  EXPECT_EQ(sensor.seed, 9u);
  EXPECT_EQ(sensor.samples, small_sensor().samples);
  const SocialWindow text = decode_social_window(encoded(small_text()));
  EXPECT_EQ(text.work_units, 4u);
  EXPECT_EQ(text.text, "some words");
}

TEST(Windows, AreRefusedAtEveryLengthButTheirOwn) {
  for (const Bytes& whole :
       {encoded(small_book()), encoded(small_sensor()), encoded(small_text())}) {
    for (std::size_t size = 0; size <= whole.size() + 1; ++size) {
      if (size == whole.size()) continue;
      Bytes cut = whole;
      cut.resize(size, std::byte{0});
      EXPECT_THROW(decode_finance_window(cut), std::runtime_error) << size;
      EXPECT_THROW(decode_sensor_window(cut), std::runtime_error) << size;
      EXPECT_THROW(decode_social_window(cut), std::runtime_error) << size;
    }
  }
}

TEST(Windows, AreRefusedByTheKernelsOfOtherKinds) {
  Bytes result;
  EXPECT_THROW(run_finance_kernel(encoded(small_text()), result), std::runtime_error);
  EXPECT_THROW(run_social_kernel(encoded(small_sensor()), result), std::runtime_error);
  EXPECT_THROW(run_iot_kernel(encoded(small_book()), result), std::runtime_error);
  EXPECT_TRUE(result.empty());
}

TEST(Windows, AreRefusedWithTooMuchOrNoWork) {
  SocialWindow text = small_text();
  text.work_units = 0;
  EXPECT_THROW(decode_social_window(encoded(text)), std::runtime_error);
  text.work_units = kMaxWorkUnits + 1;
  EXPECT_THROW(decode_social_window(encoded(text)), std::runtime_error);
}

TEST(Windows, AreRefusedWithPricesTimesOrSamplesThatCannotBe) {
  FinanceWindow book = small_book();
  book.updates[1].bid = 0;
  EXPECT_THROW(decode_finance_window(encoded(book)), std::runtime_error);
  book = small_book();
  book.updates[1].ask = 100;
  EXPECT_THROW(decode_finance_window(encoded(book)), std::runtime_error);
  book = small_book();
  book.updates[1].at_ns = 5;
  EXPECT_THROW(decode_finance_window(encoded(book)), std::runtime_error);
  SensorWindow sensor = small_sensor();
  sensor.samples[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(decode_sensor_window(encoded(sensor)), std::runtime_error);
  sensor.samples[2] = 1e30F;
  EXPECT_THROW(decode_sensor_window(encoded(sensor)), std::runtime_error);
}

}  // namespace
}  // namespace weir
