#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/numbers.hpp"

namespace weir {
namespace {

SensorWindow noise(std::size_t count, double amplitude) {
  SensorWindow window{5, 20, {}};
  Random random(11);
  for (std::size_t i = 0; i < count; ++i) {
    window.samples.push_back(static_cast<float>(20 + amplitude * random.normal()));
  }
  return window;
}

struct NaivePeak {
  std::int64_t bin = 0;
  double share = 0;
};

// The definition of the discrete Fourier transform, for windows of a power of two.
NaivePeak naive_peak(const std::vector<float>& samples) {
  const auto n = static_cast<double>(samples.size());
  double mean = 0;
  for (const float sample : samples) mean += sample / n;
  double total = 0;
  double highest = 0;
  NaivePeak peak;
  for (std::size_t k = 1; k <= samples.size() / 2; ++k) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(k * i) / n;
      sum += (samples[i] - mean) * std::polar(1.0, angle);
    }
    total += std::norm(sum);
    if (std::norm(sum) > highest) {
      highest = std::norm(sum);
      peak.bin = static_cast<std::int64_t>(k);
    }
  }
  peak.share = highest / total;
  return peak;
}

TEST(IotKernel, AgreesWithANaiveFourierTransform) {
  SensorWindow window = noise(128, 1);
  for (std::size_t i = 0; i < window.samples.size(); ++i) {
    const double angle = 2 * std::numbers::pi * 13 * static_cast<double>(i) / 128;
    window.samples[i] += static_cast<float>(1.5 * std::sin(angle));
  }
  const auto result = run(run_iot_kernel, encoded(window));
  const NaivePeak naive = naive_peak(window.samples);
  ASSERT_EQ(result.size(), 8u);
  EXPECT_EQ(result[0], 128);
  EXPECT_EQ(naive.bin, 13);
  EXPECT_EQ(result[1], naive.bin);
  EXPECT_NEAR(static_cast<double>(result[2]) * 1e-6, naive.share, 2e-6);
}

TEST(IotKernel, FindsAPlantedChangeAndIsSureOfIt) {
  SensorWindow window = noise(300, 0.5);
  for (std::size_t i = 190; i < 300; ++i) window.samples[i] += 2;
  const auto result = run(run_iot_kernel, encoded(window));
  EXPECT_NEAR(static_cast<double>(result[4]), 190, 3);
  EXPECT_NEAR(static_cast<double>(result[5]) * 1e-6, 20, 0.2);
  EXPECT_NEAR(static_cast<double>(result[6]) * 1e-6, 22, 0.2);
  EXPECT_GE(result[7], 990);
}

TEST(IotKernel, FindsASharpChangeExactly) {
  SensorWindow window{1, 20, std::vector<float>(64, 1.0F)};
  for (std::size_t i = 40; i < 64; ++i) window.samples[i] = 3;
  const auto result = run(run_iot_kernel, encoded(window));
  EXPECT_EQ(result[4], 40);
  EXPECT_EQ(result[5], 1'000'000);
  EXPECT_EQ(result[6], 3'000'000);
}

TEST(IotKernel, IsSureOfNothingInAWindowThatNeverVaries) {
  const auto result =
      run(run_iot_kernel, encoded(SensorWindow{1, 20, std::vector<float>(64, 4.0F)}));
  EXPECT_EQ(result[2], 0);
  EXPECT_EQ(result[3], 4'000'000);
  EXPECT_EQ(result[7], 0);
}

TEST(IotKernel, IsSeldomSureOfAChangeInNoise) {
  int sure = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SensorWindow window{seed, 20, {}};
    Random random(seed);
    for (int i = 0; i < 200; ++i) window.samples.push_back(static_cast<float>(random.normal()));
    if (run(run_iot_kernel, encoded(window))[7] >= 950) ++sure;
  }
  EXPECT_LE(sure, 6);
}

}  // namespace
}  // namespace weir
