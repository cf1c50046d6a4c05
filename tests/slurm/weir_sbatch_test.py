"""slurm/weir.sbatch and slurm/train.sbatch on a real Slurm of four nodes at two switches."""

import os

import slurm_test
from slurm_test import SlurmTest, start_cluster, stop_cluster
from weir_process import main, record_of, run

WORK = ["run", "--stream", "iot", "--stream", "social", "--duration", "1s", "--rate", "300",
        "--seed", "5", "--policy", "tree", "--json"]


def setUpModule():
    start_cluster()


def tearDownModule():
    stop_cluster()


class Sbatch(SlurmTest):
    def assert_result_of_plain_mpirun(self, result):
        plain = self.assert_completed(run(2, *WORK[1:]))
        self.assertEqual(result["digest"], plain["digest"])
        self.assertEqual(result["tasks"]["submitted"], plain["tasks"]["submitted"])

    def test_runs_one_rank_on_each_node_and_switches_make_the_clusters(self):
        for launcher in ("mpirun", "srun"):
            with self.subTest(launcher=launcher):
                record = self.path(f"{launcher}.h5")
                job = self.submit(*WORK, "--record", record, options=["--nodes=4"],
                                  WEIR_LAUNCHER=launcher)
                result = self.assert_completed(self.outcome_of(job))
                self.assertEqual(len(result["nodes"]), 4)
                # By rank, the coordinator of its cluster.
                self.assertEqual(record_of(record)["coordinators"], [0, 0, 2, 2])
                self.assert_result_of_plain_mpirun(result)
                self.assertEqual(self.last_line_of(job),
                                 f"weir.sbatch: job {job}: exit code 0: done")

    def test_has_no_more_workers_than_it_was_granted(self):
        if os.cpu_count() < 2:
            self.fail("one processor cannot tell a grant from the machine")
        for launcher, processors in (("mpirun", 1), ("mpirun", 2), ("srun", 1)):
            with self.subTest(launcher=launcher, processors=processors):
                job = self.submit(*WORK, options=["--nodes=1", "--nodelist=n2",
                                                  f"--cpus-per-task={processors}"],
                                  WEIR_LAUNCHER=launcher)
                result = self.assert_completed(self.outcome_of(job))
                self.assertEqual([node["workers"] for node in result["nodes"]], [processors])

    def test_divides_a_node_among_its_ranks(self):
        for launcher in ("mpirun", "srun"):
            for grant in ("--exclusive", "--cpus-per-task=2", "--cpus-per-task=1"):
                with self.subTest(launcher=launcher, grant=grant):
                    job = self.submit(*WORK, options=["--nodes=1", "--nodelist=n3", grant],
                                      WEIR_LAUNCHER=launcher, WEIR_RANKS_PER_NODE="2")
                    result = self.assert_completed(self.outcome_of(job))
                    self.assertEqual([node["workers"] for node in result["nodes"]], [1, 1])

    def test_gives_each_node_what_it_was_granted_there(self):
        for launcher in ("mpirun", "srun"):
            with self.subTest(launcher=launcher):
                job = self.submit(*WORK, options=["--nodes=4", "--exclusive"],
                                  WEIR_LAUNCHER=launcher)
                result = self.assert_completed(self.outcome_of(job))
                self.assertEqual([node["workers"] for node in result["nodes"]], [1, 2, 2, 2])
                self.assert_result_of_plain_mpirun(result)

    def test_passes_on_the_exit_code_and_says_why(self):
        job = self.submit("run", "--stream", "nonsense", options=["--nodes=2"])
        outcome = self.outcome_of(job)
        self.assertEqual(outcome.code, 2)
        self.assertIn("\n  found   ", outcome.stderr)
        self.assertIn("exit code 2: refused", self.last_line_of(job))

    def test_says_how_many_commands_failed(self):
        for code in (1, 75):  # 75 is no run that wants to be continued.
            with self.subTest(failed=code):
                job = self.submit("exec", "--", "false", ":::", *map(str, range(code)),
                                  options=["--nodes=1"])
                outcome = self.outcome_of(job)
                self.assertEqual(outcome.code, code)
                self.assertIn(f"{code} of the commands failed", self.last_line_of(job))

    def test_refuses_what_it_cannot_start(self):
        for variables, word in (({"WEIR_LAUNCHER": "prun"}, "WEIR_LAUNCHER=prun"),
                                ({"WEIR_RANKS_PER_NODE": "two"}, "WEIR_RANKS_PER_NODE=two"),
                                ({"WEIR_RANKS_PER_NODE": "0"}, "WEIR_RANKS_PER_NODE=0"),
                                ({"WEIR_PROGRAM": "/nowhere/weir"}, "/nowhere/weir")):
            with self.subTest(**variables):
                outcome = self.outcome_of(self.submit(*WORK, options=["--nodes=1"], **variables))
                self.assertEqual(outcome.code, 2)
                self.assertIn(word, outcome.stderr)
        self.assertEqual(self.outcome_of(self.submit(options=["--nodes=1"])).code, 2)


class Train(SlurmTest):
    def test_learns_on_one_node(self):
        weights = self.path("scorer.h5")
        job = self.submit("scorer", "--preset", "quick", "--rounds", "1", "--quiet", "--out",
                          weights, script="train.sbatch", options=["--cpus-per-task=2"])
        outcome = self.outcome_of(job)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertTrue(os.path.exists(weights))
        self.assertEqual(self.last_line_of(job), f"train.sbatch: job {job}: exit code 0: done")


if __name__ == "__main__":
    main(at_once=3)
