// Whom to ask where nodes differ in speed: the query probabilities that make power of d best.
//
// A dispatcher asks d nodes, each independently: a group of equal nodes with probability p_g, then
// any node of it. An idle node of the fastest group asked gets the task; without one, one of those
// asked gets it. With many nodes each is a queue of its own that tasks join at one rate while it
// has an idle core and at another when it has not (mean field):
//   join_idle_g = Lambda ((1 - S_g)^d - (1 - S_g - p_g b_g)^d) / (N_g b_g)
//   join_busy_g = Lambda (1 - S)^d p_g / (N_g sum p (1 - b))
// where b_g is the share of nodes of group g with an idle core, S_g the sum of p b over the faster
// groups and S over all. The birth-death chain of a node gives b from the rates; the fixed point
// gives the mean response, and a search over p its least. K. Gardner, J. Abdul Jaleel, A. Wickeham
// and S. Doroudi, "Scalable load balancing in the presence of heterogeneous servers", Performance
// Evaluation 145, 2021 (JIQ-d and JSQ-d with query probabilities per class; here with several
// servers per node).

#pragma once

#include <span>
#include <vector>

namespace weir {

struct SpeedGroup {
  double speed;
  int cores;
  double nodes;  // how many
};

// Mean response of the model in units of a mean task on a core of speed 1. Groups are ordered
// fastest first, 0 < load < 1, the query probabilities sum to 1. Very large where a group gets more
// than it can serve.
double mean_response_of_mix(std::span<const SpeedGroup> groups, double load, int asked_nodes,
                            std::span<const double> query);

// The query probabilities of least mean response, as near as a factor of 1.05 each. A few hundred
// evaluations of the model: some milliseconds.
std::vector<double> best_query_mix(std::span<const SpeedGroup> groups, double load,
                                   int asked_nodes);

}  // namespace weir
