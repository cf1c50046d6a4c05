"""Records of simulated runs when something goes wrong: one error, and nothing left behind."""

import os
import signal
import time

from weir_process import WEIR, Started, WeirTest, main, record_of, run, weir

SCENARIO = """emulate = nodes=4x1*4;work_ms=10
stream = finance:poisson
load = 0.7
duration = %s
dispatchers = 2
"""


def wait_until_it_handles(pid, number):
    for _ in range(10000):
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            caught = [line for line in status if line.startswith("SigCgt:")]
        if int(caught[0].split()[1], 16) & 1 << number - 1:
            return
        time.sleep(0.001)
    raise AssertionError("it has no handler")


class Record(WeirTest):
    def test_that_fills_the_disk_ends_with_one_error_and_no_file(self):
        scenario = self.write("small.ini", SCENARIO % "60s")
        os.mkdir(self.path("out"))
        # A file that may not grow further fails as a full disk does.
        limit = 200_000
        command = ["sh", "-c", f"ulimit -f {limit // 512}; exec \"$@\"", "sh", WEIR,
                   "simulate", scenario, "--record", self.path("out/run.h5"),
                   "--record-placements"]
        outcome = Started(command).outcome()
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assertEqual(len(outcome.said()), 1, outcome.stderr)
        self.assertIn("could not be recorded", outcome.stderr)
        self.assertEqual(os.listdir(self.path("out")), [])

    def test_that_is_interrupted_leaves_no_file(self):
        scenario = self.write("small.ini", SCENARIO % "100000s")
        os.mkdir(self.path("out"))
        started = Started([WEIR, "simulate", scenario, "--record", self.path("out/run.h5")])
        for _ in range(1000):
            if os.listdir(self.path("out")):
                break
            time.sleep(0.01)
        started.process.send_signal(signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertIn("nothing is recorded", outcome.stderr)
        self.assertEqual(os.listdir(self.path("out")), [])


class Simulation(WeirTest):
    def test_that_is_interrupted_prints_what_is_done(self):
        scenario = self.write("small.ini", SCENARIO % "100000s")
        started = Started([WEIR, "simulate", scenario, "--json"])
        wait_until_it_handles(started.process.pid, signal.SIGINT)
        started.process.send_signal(signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertIn("interrupted", outcome.stderr)
        result = outcome.json()
        self.assertTrue(result["interrupted"])
        self.assertGreater(result["tasks"]["completed"], 0)
        self.assertEqual(result["tasks"]["completed"], result["tasks"]["submitted"])


class Placements(WeirTest):
    def test_of_a_run_on_ranks_are_explained(self):
        path = self.path("run.h5")
        outcome = run(2, "--stream", "finance:poisson", "--duration", "2s", "--rate", "300",
                      "--emulate", "nodes=4x1*2;work_ms=5", "--policy", "least_outstanding",
                      "--record", path, "--record-placements", "--json")
        result = self.assert_completed(outcome)
        tables = record_of(path)["tables"]
        self.assertEqual(tables["placements"], result["tasks"]["submitted"])
        self.assertEqual(tables["candidates"], 2 * tables["placements"])
        explained = weir("explain", path, "--task", "0:5")
        self.assertEqual(explained.code, 0, explained.stderr)
        self.assertIn("least_outstanding", explained.stdout)
        self.assertIn("done after", explained.stdout)


class Comparison(WeirTest):
    def compare(self, *arguments):
        scenario = self.write("small.ini", SCENARIO % "20s")
        return [WEIR, "compare", scenario, "--policy", "random", "--policy", "least_outstanding",
                "--seeds", "40", "--quiet", "--out", self.path("result"), *arguments]

    def test_that_is_interrupted_goes_on_where_it_was(self):
        started = Started(self.compare())
        trials = self.path("result.trials")
        for _ in range(1000):
            if os.path.exists(trials) and os.path.getsize(trials) > 2000:
                break
            time.sleep(0.01)
        started.process.send_signal(signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertIn("the same command goes on there", outcome.stderr)
        self.assertFalse(os.path.exists(self.path("result.h5")))
        with open(trials, encoding="utf-8") as file:
            kept = file.read()
        self.assertLess(kept.count("\n"), 81)
        again = Started(self.compare()).outcome()
        self.assertEqual(again.code, 0, again.stderr)
        with open(trials, encoding="utf-8") as file:
            whole = file.read()
        self.assertTrue(whole.startswith(kept))
        self.assertEqual(whole.count("\n"), 81)
        os.remove(trials)
        fresh = Started(self.compare()).outcome()
        self.assertEqual(fresh.stdout.split("per task")[0], again.stdout.split("per task")[0])

    def test_shows_how_far_it_is(self):
        command = [argument for argument in self.compare("--progress") if argument != "--quiet"]
        outcome = Started(command).outcome()
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertRegex(outcome.stderr, r"[0-9]+/80 runs, about [0-9]+ s left")

    def test_whose_results_cannot_be_written_is_refused_at_once(self):
        for place in ("result.md", "result.h5", "result.md.writing"):
            with self.subTest(place=place):
                os.mkdir(self.path(place))
                outcome = Started(self.compare()).outcome()
                self.assert_refused(outcome, place, "not a plain file")
                self.assertFalse(os.path.exists(self.path("result.trials")))
                os.rmdir(self.path(place))

    def test_that_fills_the_disk_says_so_and_keeps_what_is_whole(self):
        command = ["sh", "-c", "ulimit -f 4; exec \"$@\"", "sh", *self.compare()]
        outcome = Started(command).outcome()
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assertEqual(len(outcome.said()), 1, outcome.stderr)
        with open(self.path("result.trials"), encoding="utf-8") as file:
            self.assertTrue(file.read().endswith("\n"))
        self.assertEqual(sorted(os.listdir(self.folder)), ["result.trials", "small.ini"])


if __name__ == "__main__":
    main(at_once=3)
