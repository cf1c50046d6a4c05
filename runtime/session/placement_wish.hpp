// Where a home would like a task to run: where it was asked to be, or at its data. Plain values in,
// a rank out.

#pragma once

#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

// `asked`, unless a task would wait there longer than elsewhere by more than the patience, or it
// works for nobody; then none.
RankId wish_as_asked(const ClusterView& view, ClassId task_class, RankId asked, Duration patience);

// The rank where a task would begin first, after the wait there and the fetching of its data, which
// takes so many seconds at each node of the view; of equals the one with fewest tasks per core.
// None where it would have to fetch as much as anywhere: then the policy knows better.
RankId wish_by_data(const ClusterView& view, ClassId task_class,
                    const std::vector<double>& fetch_seconds);

}  // namespace weir
