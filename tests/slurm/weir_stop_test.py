"""A job of Slurm that is asked to end: it drains, and tells its result."""

import os
import re
import signal

import slurm_test
from slurm_cluster import wait_until
from slurm_test import SlurmTest, start_cluster, stop_cluster
from weir_process import main

WORK = ["run", "--stream", "iot", "--duration", "120s", "--rate", "200", "--json", "--progress"]


def setUpModule():
    start_cluster()


def tearDownModule():
    stop_cluster()


class Stop(SlurmTest):
    def test_drains_the_job_whatever_launched_it(self):
        for launcher in ("mpirun", "srun"):
            for name in ("TERM", "INT"):
                with self.subTest(launcher=launcher, signal=name):
                    job = self.submit(*WORK, options=["--nodes=2"], WEIR_LAUNCHER=launcher)
                    wait_until(lambda: re.search(r"s +[1-9][0-9]* done", self.output_of(job)),
                               "task that is done")
                    slurm_test.cluster.checked("scancel", f"--signal={name}", "--batch", job)
                    outcome = self.outcome_of(job)
                    self.assertEqual(outcome.code, 130, outcome.stderr)
                    tasks = outcome.json()["tasks"]
                    self.assertGreater(tasks["completed"], 0)
                    self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])
                    self.assertEqual(self.last_line_of(job),
                                     f"weir.sbatch: job {job}: exit code 130: interrupted")

    def test_that_is_asked_for_before_the_ranks_are_up_is_not_forgotten(self):
        for launcher in ("mpirun", "srun"):
            with self.subTest(launcher=launcher):
                job = self.submit(*WORK, options=["--nodes=2"], WEIR_LAUNCHER=launcher)
                slurm_test.cluster.wait_for_state(job, "RUNNING")
                # What the script has started, and not the script before its first line.
                wait_until(lambda: slurm_test.cluster.steps_of(job), "step")
                slurm_test.cluster.checked("scancel", "--signal=TERM", "--batch", job)
                self.assertEqual(self.outcome_of(job).code, 130)

    def test_asked_for_twice_ends_it_at_once(self):
        job = self.submit(*WORK, options=["--nodes=2"], WEIR_LAUNCHER="srun")
        wait_until(lambda: re.search(r"s +[1-9][0-9]* done", self.output_of(job)),
                   "task that is done")
        for _ in range(2):
            slurm_test.cluster.checked("scancel", "--signal=TERM", "--batch", job)
        self.assertGreater(self.outcome_of(job).code, 128)

    def test_asked_for_after_the_end_leaves_the_exit_code(self):
        # The job's comment is the last thing that the script writes.
        slow = self.path("scontrol")
        with open(slow, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nsleep 1.5\n")
        os.chmod(slow, 0o755)
        job = self.submit("run", "--stream", "nonsense", options=["--nodes=1"],
                          PATH=f"{self.folder}:{os.environ['PATH']}")
        wait_until(lambda: "exit code 2" in self.output_of(job), "last line")
        slurm_test.cluster.checked("scancel", "--signal=TERM", "--batch", job)
        self.assertEqual(self.outcome_of(job).code, 2)


class Training(SlurmTest):
    def test_is_interrupted_in_good_order(self):
        job = self.submit("scorer", "--progress", "--out", self.path("scorer.h5"),
                          script="train.sbatch")
        wait_until(lambda: "left" in self.output_of(job), "line of progress")
        slurm_test.cluster.checked("scancel", "--signal=TERM", "--batch", job)
        outcome = self.outcome_of(job)
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertIn("weir-train: interrupted", outcome.stderr)
        self.assertIn(f"train.sbatch: job {job}: exit code 130: interrupted",
                      self.last_line_of(job))


class DeadRank(SlurmTest):
    def test_is_outlived_by_the_others_of_its_job(self):
        work = [word.replace("120s", "15s") for word in WORK]
        job = self.submit(*work, "--survive", options=["--nodes=3"])
        wait_until(lambda: re.search(r"s +[1-9][0-9]* done", self.output_of(job)),
                   "task that is done")
        os.kill(self.rank_pid(job, 2), signal.SIGKILL)
        result = self.assert_completed(self.outcome_of(job))
        self.assertEqual(result["lost_ranks"], [2])
        self.assertEqual(self.last_line_of(job), f"weir.sbatch: job {job}: exit code 0: done")

    def rank_pid(self, job, rank):
        wanted = {b"SLURM_JOB_ID=%d" % job, b"OMPI_COMM_WORLD_RANK=%d" % rank}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as variables:
                    if wanted <= set(variables.read().split(b"\0")):
                        return int(pid)
            except OSError:
                continue  # It has just ended.
        raise AssertionError(f"job {job} has no rank {rank}")


if __name__ == "__main__":
    main()
