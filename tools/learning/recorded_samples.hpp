// What a recorded run says of services: each placement as its home saw it, and what the task took.

#pragma once

#include <vector>

#include "ml/training/estimator/fit_service_estimator.hpp"
#include "runtime/record/record_reader.hpp"

namespace weir {

struct RecordedSample {
  double placed_s = 0;  // since its home's begin of the run
  ServiceSample sample;
};

// Of tasks that ended where they were placed at the first attempt, at a node that had told of their
// class; in the order of their placements. Throws Error for a record without placements, or not of
// every task: what a home knows comes from all of its own.
std::vector<RecordedSample> recorded_samples(const RecordReader& record);

}  // namespace weir
