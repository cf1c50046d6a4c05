"""`weir run --online` on real ranks, with weights that are wrong."""

import os
import signal
import subprocess
import sys

from weir_process import Started, WeirTest, main, mpirun_command, record_of, run, start_run, weir

WRITE_ESTIMATOR = sys.argv.pop(4)
# Two clusters of two homes.
WORK = ["--stream", "finance:poisson", "--emulate", "nodes=4x1*4;work_ms=8", "--load", "0.5",
        "--cluster-size", "2", "--fan-out", "2", "--json"]


class Online(WeirTest):
    def setUp(self):
        super().setUp()
        self.wrong = self.path("wrong.h5")
        subprocess.run([WRITE_ESTIMATOR, self.wrong, "0.7"], check=True)

    def test_replaces_wrong_weights_in_every_cluster_and_keeps_what_it_has_learned(self):
        record, learned = self.path("run.h5"), self.path("learned.h5")
        started = start_run(4, *WORK, "--duration", "10min", "--weights", self.wrong,
                            "--online=federated", "--save-weights", learned, "--record", record,
                            "--check-invariants")
        for cluster in (0, 2):
            started.wait_until_it_shows(f"the cluster of rank {cluster} goes by new weights")
        # Not to mpirun, which ends the ranks a second later, whatever they still have to write.
        started.signal_rank(0, signal.SIGTERM)
        outcome = started.outcome()
        result = outcome.json()
        self.assertEqual(result["tasks"]["completed"], result["tasks"]["submitted"])
        online = result["online"]
        self.assertGreaterEqual(online["fits"], 2)
        self.assertGreaterEqual(online["promotions"], 2)
        self.assertGreaterEqual(online["version"], 1)
        self.assertLess(online["loss"]["in_use"], online["loss"]["given"])
        tables = record_of(record)["tables"]
        self.assertGreaterEqual(tables["learning"], online["fits"] + online["promotions"])

        again = self.assert_completed(run(4, *WORK, "--duration", "1s", "--weights", learned))
        self.assertNotIn("online", again)

    def test_is_the_same_on_all_ranks(self):
        work = ["run", *WORK, "--duration", "1s"]
        outcome = Started(mpirun_command((1, *work, "--online"), (1, *work))).outcome()
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assertIn("--online on", outcome.stderr)

    def test_is_a_question_of_the_policy(self):
        outcome = run(2, *WORK, "--duration", "500ms", "--online", "--policy", "round_robin")
        self.assertNotIn("online", self.assert_completed(outcome))
        self.assertIn("--online has no effect without --policy=learned", outcome.stderr)


class Simulated(WeirTest):
    def test_leaves_its_weights_and_its_record(self):
        wrong, record, learned = (self.path(name) for name in ("wrong.h5", "run.h5", "new.h5"))
        subprocess.run([WRITE_ESTIMATOR, wrong, "0.7"], check=True)
        scenario = self.write("small.ini", "emulate = nodes=4x1*8;work_ms=20\n"
                              "stream = finance:poisson\nload = 0.7\nduration = 60s\n")
        outcome = weir("simulate", scenario, "--weights", wrong, "--online", "--record", record,
                       "--record-placements", "--save-weights", learned, "--json")
        online = self.assert_completed(outcome)["online"]
        self.assertGreaterEqual(online["promotions"], 1)
        self.assertEqual(record_of(record)["tables"]["learning"],
                         online["fits"] + online["promotions"] + online["dropped"])
        self.assertTrue(os.path.exists(learned))
        shown = weir("simulate", scenario, "--weights", learned)
        self.assertEqual(shown.code, 0, shown.stderr)
        self.assertNotIn("online", shown.stdout)
        before = open(learned, "rb").read()
        short = weir("simulate", scenario, "--online", "--save-weights", learned, "--set",
                     "duration=2s")
        self.assertEqual(short.code, 0, short.stderr)
        self.assertIn("nothing was learned", short.stderr)
        self.assertEqual(open(learned, "rb").read(), before)

    def test_says_what_it_cannot_do(self):
        scenario = self.write("small.ini", "emulate = nodes=4x1*2;work_ms=20\n"
                              "stream = finance:poisson\nduration = 1s\n")
        self.assert_refused(weir("simulate", scenario, "--online=always"), "off, on or federated")
        nowhere = ["--online", "--policy", "learned", "--save-weights", self.path("no/where.h5")]
        self.assert_refused(weir("simulate", scenario, *nowhere), "no folder")
        self.assert_refused(run(2, *WORK, "--duration", "1s", *nowhere), "no folder")
        outcome = weir("simulate", scenario, "--save-weights", self.path("new.h5"))
        self.assertEqual(outcome.code, 0)
        self.assertIn("--save-weights has no effect without --online", outcome.stderr)
        self.assertFalse(os.path.exists(self.path("new.h5")))


if __name__ == "__main__":
    main()
