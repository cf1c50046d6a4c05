// What a rank contributes to the result, on its way to the first one.

#include "tools/result/learned_decisions.hpp"
#include "tools/result/run_result.hpp"

namespace weir {

void encode(const RankResult& r, ByteWriter& out) {
  out.text(r.host);
  out.number(r.worker_count);
  for (const double value :
       {r.speed, r.elapsed_s, r.busy_s, r.control_cpu_s, r.making_cpu_s, r.resident_bytes}) {
    out.number(value);
  }
  for (const std::uint64_t value : {r.crashed,
                                    r.counts.submitted,
                                    r.counts.completed,
                                    r.counts.failed,
                                    r.counts.retried,
                                    r.counts.moved,
                                    r.counts.reissued,
                                    r.counts.suspicions,
                                    r.counts.stale_ends,
                                    r.counts.decisions,
                                    r.counts.control_messages,
                                    r.counts.most_children,
                                    r.counts.limit_decisions,
                                    r.counts.limits_differing,
                                    r.hand_over.requests_sent,
                                    r.hand_over.tasks_received,
                                    r.hand_over.tasks_given,
                                    r.hand_over.bytes_given,
                                    r.transport.messages_sent,
                                    r.transport.bytes_sent,
                                    r.transport.messages_received,
                                    r.transport.bytes_received,
                                    r.planned.plans,
                                    r.planned.foretold}) {
    out.number(value);
  }
  encode(r.learned, out);
  encode(r.online, out);
  r.lateness.encode(out);
}

bool decode(RankResult& r, ByteReader& in) {
  r.host = in.text();
  r.worker_count = in.number<int>();
  for (double* value :
       {&r.speed, &r.elapsed_s, &r.busy_s, &r.control_cpu_s, &r.making_cpu_s, &r.resident_bytes}) {
    *value = in.number<double>();
  }
  for (std::uint64_t* value : {&r.crashed,
                               &r.counts.submitted,
                               &r.counts.completed,
                               &r.counts.failed,
                               &r.counts.retried,
                               &r.counts.moved,
                               &r.counts.reissued,
                               &r.counts.suspicions,
                               &r.counts.stale_ends,
                               &r.counts.decisions,
                               &r.counts.control_messages,
                               &r.counts.most_children,
                               &r.counts.limit_decisions,
                               &r.counts.limits_differing,
                               &r.hand_over.requests_sent,
                               &r.hand_over.tasks_received,
                               &r.hand_over.tasks_given,
                               &r.hand_over.bytes_given,
                               &r.transport.messages_sent,
                               &r.transport.bytes_sent,
                               &r.transport.messages_received,
                               &r.transport.bytes_received,
                               &r.planned.plans,
                               &r.planned.foretold}) {
    *value = in.number<std::uint64_t>();
  }
  r.learned = decode_decision_counts(in);
  r.online = decode_cluster_learning(in);
  return r.lateness.decode(in) && in.ok();
}

}  // namespace weir
