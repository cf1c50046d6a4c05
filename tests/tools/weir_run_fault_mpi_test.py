"""`weir run` with tasks that fail and ranks that pause, are stopped or are killed."""

import signal
import time

from weir_process import WeirTest, main, record_of, run, side_by_side, start_run

LONG_WORK = ["--stream", "iot", "--duration", "10min", "--rate", "200", "--json", "--progress"]


class FailingTasks(WeirTest):
    def test_are_retried_and_end_as_dead_letters(self):
        work = ["--stream", "iot", "--stream", "social", "--duration", "1500ms", "--rate", "400",
                "--inject-failures", "0.05", "--retries", "2", "--json"]
        result = self.assert_completed(run(2, *work, "--record", self.path("run.h5")))
        failed = result["tasks"]["failed"]
        self.assertGreater(failed, 0)
        self.assertEqual(result["tasks"]["retried"], 2 * failed)
        record = record_of(self.path("run.h5"))
        self.assertEqual(record["tables"]["dead_letters"], failed)
        self.assertEqual(record["tables"]["tasks"], result["tasks"]["submitted"])
        self.assertEqual(len(record["errors"]), failed)
        self.assertTrue(all(record["errors"]), "a dead letter without the text of its error")
        # The same tasks fail wherever they run, and none of them is in the digest.
        alone = self.assert_completed(run(1, *work))
        self.assertEqual(alone["tasks"]["failed"], failed)
        self.assertEqual(alone["digest"], result["digest"])
        # Where each attempt is reserved anew as well.
        late = self.assert_completed(run(3, *work, "--policy", "late_binding"))
        for count in result["tasks"].keys() - {"moved", "moved_bytes"}:
            self.assertEqual(late["tasks"][count], result["tasks"][count], count)
        self.assertEqual(late["digest"], result["digest"])

    def test_are_all_counted_when_every_task_fails(self):
        outcome = run(2, "--stream", "iot", "--duration", "300ms", "--inject-failures", 1, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        tasks = outcome.json()["tasks"]
        self.assertEqual((tasks["completed"], tasks["failed"]), (0, tasks["submitted"]))


def paused_for_a_moment(work, rank, policy):
    started = start_run(2, *work, "--policy", policy, "--progress")
    started.wait_until_run_lasts(0.5)
    started.signal_rank(rank, signal.SIGSTOP)
    time.sleep(2)  # The length of the fault.
    started.signal_rank(rank, signal.SIGCONT)
    return started.outcome()


class PausedRank(WeirTest):
    def test_costs_time_but_no_result(self):
        work = ["--stream", "iot", "--duration", "3", "--rate", "200", "--json"]
        undisturbed = self.assert_completed(run(2, *work))
        cases = ((0, "shortest_expected_delay"), (1, "shortest_expected_delay"),
                 (0, "late_binding"), (1, "late_binding"), (1, "prequal"))
        outcomes = side_by_side({case: (paused_for_a_moment, work, *case) for case in cases},
                                at_once=3)
        for (rank, policy), outcome in outcomes.items():
            with self.subTest(rank=rank, policy=policy):
                result = self.assert_completed(outcome)
                self.assertEqual(result["digest"], undisturbed["digest"])
                self.assertEqual(result["tasks"]["failed"], 0)


class StopSignal(WeirTest):
    def test_to_one_rank_ends_admission_on_all_and_drains(self):
        for rank, number, policy in ((1, signal.SIGUSR1, "shortest_expected_delay"),
                                     (0, signal.SIGTERM, "shortest_expected_delay"),
                                     (2, signal.SIGTERM, "late_binding")):
            with self.subTest(rank=rank, signal=number.name, policy=policy):
                started = start_run(3, *LONG_WORK, "--policy", policy, "--record",
                                    self.path("run.h5"))
                started.wait_until_run_lasts(0.5)
                started.signal_rank(rank, number)
                outcome = started.outcome()
                self.assertEqual(outcome.code, 130, outcome.stderr)
                result = outcome.json()
                self.assertTrue(result["interrupted"])
                tasks = result["tasks"]
                self.assertGreater(tasks["completed"], 0)
                self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])
                self.assertLess(result["elapsed_s"], 60)
                record = record_of(self.path("run.h5"))
                self.assertEqual(record["ranks"], [0, 1, 2])
                self.assertEqual(record["tables"]["tasks"], tasks["submitted"])


class KilledRank(WeirTest):
    def test_ends_the_job_and_leaves_readable_segments(self):
        started = start_run(3, *LONG_WORK, "--record", self.path("run.h5"))
        started.wait_until_run_lasts(1.5)
        started.signal_rank(1, signal.SIGKILL)
        outcome = started.outcome()
        self.assertNotEqual(outcome.code, 0)
        self.assertEqual(outcome.stdout, "")
        for rank in range(3):
            record = record_of(self.path(f"run.h5.rank{rank:04}"))
            self.assertTrue(record["segment"])
            self.assertGreater(record["tables"]["tasks"], 0)
            self.assertGreater(record["tables"]["telemetry"], 0)


if __name__ == "__main__":
    main(at_once=3)
