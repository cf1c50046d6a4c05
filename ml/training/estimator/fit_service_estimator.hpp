// Fits a service estimator (ml/inference/service_estimator.hpp) to what tasks took.
//
// A sample is the features of a placement and the ratio y of the service to what the node had told.
// With sizes taken as exponential, the mean of y is e^m, m the output of the network, and the
// negative log likelihood of a sample m + y e^-m. Its gradient by m is 1 - y e^-m: unbiased for the
// mean whatever the sizes really are (it is a quasi-likelihood: R. Wedderburn, Biometrika 61,
// 1974). Minimized by Adam (D. Kingma and J. Ba, ICLR 2015) over shuffled batches.
//
// The network has some hundred weights and one output, so its gradient is written out here, without
// LibTorch.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ml/inference/service_estimator.hpp"
#include "ml/inference/service_sample.hpp"

namespace weir {

struct ServiceFitOptions {
  int epochs = 6;
  std::size_t batch_size = 512;
  double learning_rate = 2e-3;
  // Larger ratios count as this.
  float most_ratio = kMostServiceRatio;
  std::uint64_t seed = 1;
};

struct ServiceFitEpoch {
  double loss = 0;       // mean over the samples, while it learned
  double told_loss = 0;  // of what nodes told, without any correction
};

// Of an estimator as it is, over all samples, which are at least one.
ServiceFitEpoch loss_of(ServiceEstimator& estimator, std::span<const ServiceSample> samples,
                        float most_ratio = kMostServiceRatio);

// Goes on from the estimator's weights; what it has seen are these samples. Equal inputs give equal
// weights on one machine. At least one batch of samples. `on_epoch` may
// be empty; false ends the fit.
std::vector<ServiceFitEpoch> fit_service_estimator(
    ServiceEstimator& estimator, std::vector<ServiceSample> samples,
    const ServiceFitOptions& options,
    const std::function<bool(const ServiceFitEpoch&)>& on_epoch = {});

}  // namespace weir
