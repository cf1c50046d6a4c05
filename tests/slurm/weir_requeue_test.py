"""A job of Slurm that is out of time: SIGUSR1, position, requeue, and on to exact totals."""

import functools
import json
import os
import re
import time

import slurm_test
from slurm_cluster import wait_until
from slurm_test import SlurmTest, start_cluster, stop_cluster
from weir_process import main, run

WORK = ["run", "--stream", "iot", "--stream", "social", "--duration", "4s", "--rate", "200",
        "--seed", "5", "--policy", "tree", "--json"]
# In the line of progress.
TASKS_ARE_DONE = r"s +[1-9][0-9]* done"


def setUpModule():
    start_cluster()


def tearDownModule():
    stop_cluster()


@functools.cache
def whole_result():
    return run(2, *WORK[1:]).json()


def wait_for_tasks(test, job):
    """Until the line of progress shows some."""
    wait_until(lambda: re.search(TASKS_ARE_DONE, test.output_of(job)), "task that is done",
               lambda: f"{slurm_test.cluster.job(job)}\n{test.output_of(job)}")


class Requeue(SlurmTest):
    def position_of(self, job):
        return self.path(f"weir-{job}.position")

    def submit_and_signal(self, *options, work=(), **variables):
        job = self.submit(*WORK, *work, "--progress", options=options, **variables)
        wait_for_tasks(self, job)
        slurm_test.cluster.checked("scancel", "--signal=USR1", "--batch", job)
        return job

    def has_begun_again(self, job):
        """Slurm lets no requeued job begin for two minutes, unless it is told; what it was told is
        forgotten where the first part ended only after that. At once would be before the node has
        tidied up."""
        if slurm_test.cluster.job(job)["JobState"] != "PENDING":
            return True
        slurm_test.cluster.call("scontrol", "update", f"JobId={job}", "StartTime=now+2")
        time.sleep(4)
        return False

    def assert_goes_on_to_the_end(self, job, whole, has_position=True):
        """From the queue, where it waits."""
        cluster = slurm_test.cluster
        waiting = wait_until(
            lambda: (found := cluster.job(job))["JobState"] == "PENDING" and found,
            "job that was put back")
        self.assertEqual(waiting["Restarts"], "1")
        self.assertIn(f"job {job}: exit code 75: to be continued", self.output_of(job))
        self.assertEqual(os.path.exists(self.position_of(job)), has_position)
        if has_position:
            with open(self.position_of(job), encoding="ascii") as file:
                position = json.load(file)
        wait_until(lambda: self.has_begun_again(job), "job that begins again",
                   lambda: cluster.job(job))
        ended, code = cluster.wait_for_end(job)
        self.assertEqual(code, 0, f"{ended}\n{self.output_of(job)}")
        parts = [json.loads(line) for line in self.output_of(job, "out").splitlines()]
        if has_position:
            self.assertEqual(parts[0]["continues_at_s"], position["stream_time_s"])
        self.assertEqual(parts[1]["resumed"]["tasks"], parts[0]["tasks"]["submitted"])
        self.assertEqual(parts[1]["digest"], whole["digest"])
        for total in ("submitted", "completed", "failed", "dropped"):
            self.assertEqual(parts[1]["tasks"][total], whole["tasks"][total], total)
        self.assertFalse(os.path.exists(self.position_of(job)))
        self.assertEqual(self.last_line_of(job), f"weir.sbatch: job {job}: exit code 0: done")

    def test_goes_on_where_it_stopped_to_exact_totals(self):
        whole = whole_result()
        for launcher in ("mpirun", "srun"):
            with self.subTest(launcher=launcher):
                job = self.submit_and_signal("--nodes=4", WEIR_LAUNCHER=launcher)
                self.assert_goes_on_to_the_end(job, whole)

    def test_goes_on_likewise_from_a_ledger(self):
        job = self.submit_and_signal("--nodes=4", work=["--ledger", self.path("ledger")])
        self.assert_goes_on_to_the_end(job, whole_result(), has_position=False)

    def test_that_is_not_allowed_ends_the_job_and_says_so(self):
        job = self.submit_and_signal("--nodes=2", "--no-requeue")
        self.assertEqual(slurm_test.cluster.wait_for_end(job)[1], 75)
        self.assertIn("exit code 75: to be continued, but Slurm does not requeue",
                      self.last_line_of(job))
        self.assertTrue(os.path.exists(self.position_of(job)))


class NodeLoss(SlurmTest):
    def result_after_a_loss(self, *work):
        """Of a job that outlives its nodes."""
        job = self.submit(*WORK, *work, "--progress", options=["--nodes=4", "--no-kill"])
        wait_for_tasks(self, job)
        slurm_test.cluster.checked("scontrol", "update", "NodeName=n3", "State=down",
                                   "Reason=test")
        result = self.assert_completed(self.outcome_of(job))
        self.assertEqual(len(result["nodes"]), 3)
        self.assertEqual(result["digest"], whole_result()["digest"])
        self.assertIn("a node was lost; once more on the 3 that are left, n[1-2,4]",
                      self.output_of(job))
        return result

    def test_lets_the_run_begin_anew_on_the_nodes_that_are_left(self):
        self.assertNotIn("resumed", self.result_after_a_loss())

    def test_lets_a_run_whose_ranks_may_die_begin_anew_likewise(self):
        self.assertNotIn("resumed", self.result_after_a_loss("--survive"))

    def test_lets_a_run_with_a_ledger_go_on_with_the_nodes_that_are_left(self):
        self.assertIn("resumed", self.result_after_a_loss("--ledger", self.path("ledger")))


if __name__ == "__main__":
    main()
