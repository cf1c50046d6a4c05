// What one more task costs at a queue with c servers: the value function of M/M/c.
//
// With arrivals at rate a and service at rate 1 per server, and a cost of n per time while n tasks
// are there, v(n) is how much more all the future costs when it begins with n tasks. The difference
// d(n) = v(n+1) - v(n), the cost of a task that joins n others, satisfies
//   g = n + a d(n) - min(n, c) d(n-1),   g = E[N],
// where d(n) = ((n + 1) (c - a) + a - g) / (c - a)^2 + ... is linear from n = c - 1 on. Below, the
// recursion is followed upwards to n = a and downwards to it, which is the direction in which
// errors shrink. K. R. Krishnan, "Joining the right queue: a Markov decision rule", IEEE CDC, 1987;
// S. Bhulai, "On the value function of the M/Cox(r)/1 queue", J. Applied Probability 43(2), 2006.

#pragma once

#include <vector>

namespace weir {

class QueueValues {
 public:
  // `server_count` > 0, 0 < load < 1: arrivals over the rate of all servers. Linear in the servers.
  QueueValues(int server_count, double load);

  // d(n) in mean service times; n >= 0.
  double cost_of_joining(double n) const;

 private:
  std::vector<double> below_;  // d(n) for n < c - 1
  double slope_ = 0;           // d(n) = slope n + offset from c - 1 on
  double offset_ = 0;
};

// E[N] of M/M/c.
double mean_tasks_in_queue(int server_count, double load);

}  // namespace weir
