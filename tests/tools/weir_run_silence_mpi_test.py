"""A rank that is stopped for ten seconds in the middle of a run on real MPI."""

import signal
import time

from weir_process import WeirTest, main, run, side_by_side, start_run

# More than four ranks can do, so that a stopped one surely has tasks at work; but three are done
# with it long before the stop ends.
WORK = ["--emulate", "nodes=4x1*4;work_ms=20", "--stream", "iot", "--load", "1.2", "--duration",
        "3s", "--dispatchers", "1", "--json", "--check-invariants"]
STOPPED_S = 10


def stopped_for_a_while(policy):
    """What became of it, and how far the run was when the stop ended."""
    started = start_run(4, *WORK, "--policy", policy, "--progress")
    started.wait_until_run_lasts(1)
    started.signal_rank(2, signal.SIGSTOP)
    time.sleep(STOPPED_S)
    still_stopped_s = started.shown_time()
    started.signal_rank(2, signal.SIGCONT)
    return started.outcome(), still_stopped_s


class SilentRank(WeirTest):
    def test_has_its_tasks_done_elsewhere_and_its_late_results_dropped(self):
        undisturbed = self.assert_completed(run(4, *WORK))
        total = undisturbed["tasks"]["submitted"]
        self.assertEqual(undisturbed["tasks"]["reissued"], 0)
        # The last two send messages for every task to several nodes, the stopped one among them.
        policies = ("shortest_expected_delay", "tree", "tree+work_stealing", "late_binding",
                    "prequal")
        ends = side_by_side({policy: (stopped_for_a_while, policy) for policy in policies})
        for policy, (outcome, still_stopped_s) in ends.items():
            with self.subTest(policy=policy):
                result = self.assert_completed(outcome)
                tasks = result["tasks"]
                self.assertEqual((tasks["submitted"], tasks["completed"]), (total, total))
                self.assertEqual(result["digest"], undisturbed["digest"])
                # All of them were complete while that rank still stood.
                self.assertLess(result["elapsed_s"], still_stopped_s)
                self.assertGreater(tasks["reissued"], 0)
                self.assertGreater(tasks["stale_ends"], 0)
                self.assertLessEqual(tasks["stale_ends"], tasks["reissued"])


if __name__ == "__main__":
    main()
