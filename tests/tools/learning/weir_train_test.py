"""weir train and weir evaluate, as a person runs them: with LibTorch in a module, or without."""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
WITH_TORCH = sys.argv.pop(4) == "with"

from weir_process import WEIR, Started, WeirTest, main, run, weir  # noqa: E402

SMALL_RUN = ("--emulate", "nodes=4x1*4;work_ms=4", "--stream", "finance:poisson", "--rate", "1500",
             "--duration", "3", "--policy", "learned", "--json")


class Program(WeirTest):
    def test_does_not_link_libtorch(self):
        linked = subprocess.run(["ldd", WEIR], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("torch", linked)

    def test_refuses_what_it_cannot_evaluate(self):
        self.assert_refused(weir("evaluate", "forecaster", "--weights", "/no/where.h5"), "where.h5")

    def test_refuses_a_place_before_it_trains(self):
        self.assert_refused(weir("train", "scorer", "--out", self.path("no/where.h5")), "no folder")
        self.assert_refused(weir("train", "scorer", "--out", self.folder), "a folder")

    def test_learns_from_a_run_on_ranks_what_another_run_can_use(self):
        self.assert_completed(run(4, *SMALL_RUN, "--record", self.path("run.h5"),
                                  "--record-placements"))
        outcome = weir("train", "scorer", "--from", self.path("run.h5"), "--out",
                       self.path("own.h5"))
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        self.assertIn("loss on the last fifth", outcome.stdout)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["own.curves.h5", "own.h5", "own.svg", "run.h5"])
        self.assert_completed(run(4, *SMALL_RUN, "--weights", self.path("own.h5")))

    def test_that_fills_the_disk_is_no_refusal_and_says_what_is_kept(self):
        # A file that may not grow further fails as a full disk does.
        command = ["sh", "-c", 'ulimit -f 16; exec "$@"', "sh", WEIR, "train", "scorer", "--preset",
                   "quick", "--rounds", "1", "--quiet", "--out", self.path("w.h5")]
        outcome = Started(command).outcome()
        self.assertEqual((outcome.code, outcome.stdout), (1, ""), outcome.stderr)
        self.assertIn("File too large", outcome.stderr)
        self.assertIn("nothing of it is kept", outcome.stderr)
        self.assertEqual(os.listdir(self.folder), [])


class WithoutTorch(WeirTest):
    def test_refuses_to_train_and_says_why(self):
        self.assert_refused(weir("train", "forecaster"), "WEIR_WITH_TORCH=ON")


class WithTorch(WeirTest):
    def train(self, name, *more):
        return weir("train", "forecaster", "--preset", "quick", "--epochs", "2", "--out",
                    self.path(name), *more)

    def test_leaves_weights_curves_and_a_picture_that_evaluate_can_use(self):
        outcome = self.train("w.h5")
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        self.assertIn("best baseline", outcome.stdout)
        self.assertEqual(sorted(os.listdir(self.folder)), ["w.curves.h5", "w.h5", "w.svg"])
        table = weir("evaluate", "forecaster", "--weights", self.path("w.h5"), "--stream", "iot",
                     "--seeds", "1", "--bins", "720", "--rate", "20")
        self.assertEqual(table.code, 0, table.stderr)
        self.assertIn("lstm_uncalibrated", table.stdout)

    def test_shows_progress_when_it_is_asked_to(self):
        self.assertIn("epochs 2/2", self.train("w.h5", "--progress").stderr)

    def test_goes_on_after_an_interrupt_as_if_there_had_been_none(self):
        command = ("train", "forecaster", "--preset", "quick", "--epochs", "8", "--progress", "--out")
        started = Started([WEIR, *command, self.path("w.h5")])
        started.wait_until_it_shows("epochs 1/8")
        started.process.send_signal(signal.SIGINT)
        stopped = started.outcome()
        self.assertEqual((stopped.code, stopped.stdout), (130, ""))
        self.assertIn("--resume", stopped.stderr)
        resumed = weir(*command, self.path("w.h5"), "--resume")
        whole = weir(*command, self.path("whole.h5"))
        self.assertEqual((resumed.code, whole.code), (0, 0))
        figures = [outcome.stdout.split(": ", 1)[1] for outcome in (resumed, whole)]
        self.assertEqual(*figures)

    def test_keeps_nothing_when_it_is_interrupted_before_the_first_epoch(self):
        started = Started([WEIR, "train", "forecaster", "--progress", "--out", self.path("w.h5")])
        started.wait_until_it_shows("streams 1/")
        started.process.send_signal(signal.SIGINT)
        stopped = started.outcome()
        self.assertEqual((stopped.code, stopped.stdout), (130, ""))
        self.assertIn("nothing is kept", stopped.stderr)
        self.assertNotIn("--resume", stopped.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_ends_at_once_when_it_is_interrupted_while_it_scores(self):
        for _ in range(5):  # It scores for half a second, which may be over before the signal.
            started = Started([WEIR, "train", "forecaster", "--preset", "quick", "--epochs", "1",
                               "--out", self.path("w.h5")])
            started.wait_until_it_shows("best epoch", "stdout")
            started.process.send_signal(signal.SIGINT)
            outcome = started.outcome()
            if outcome.code != 0:
                break
        self.assertEqual(outcome.code, -signal.SIGINT)
        self.assertLessEqual({"w.curves.h5", "w.h5", "w.svg"}, set(os.listdir(self.folder)))

    def test_trains_control_that_a_simulation_can_use(self):
        outcome = weir("train", "control", "--preset", "quick", "--out", self.path("c.h5"))
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        self.assertIn("of 2 rounds", outcome.stdout)
        self.assertEqual(sorted(os.listdir(self.folder)), ["c.curves.h5", "c.h5", "c.svg"])
        result = weir("simulate", "--set", "stream=finance:poisson", "--set", "load=0.6", "--set",
                      "emulate=nodes=4x1*4;work_ms=20", "--set", "duration=3s", "--policy",
                      "learned", "--control", self.path("c.h5"), "--json").json()
        self.assertGreater(result["learned"]["control"]["directives"], 10)

    def test_goes_on_with_control_as_if_it_had_not_been_interrupted(self):
        command = ("train", "control", "--preset", "quick", "--rounds", "3", "--progress", "--out")
        started = Started([WEIR, *command, self.path("c.h5")])
        # In the second round.
        started.wait_until_it_shows("worlds and updates 9/")
        started.process.send_signal(signal.SIGINT)
        stopped = started.outcome()
        self.assertEqual((stopped.code, stopped.stdout), (130, ""))
        self.assertIn("--resume", stopped.stderr)
        resumed = weir(*command, self.path("c.h5"), "--resume")
        whole = weir(*command, self.path("whole.h5"))
        self.assertEqual((resumed.code, whole.code), (0, 0))
        pictures = [Path(self.path(name)).read_text() for name in ("c.svg", "whole.svg")]
        self.assertEqual(*pictures)

    def test_trains_all_kinds_into_one_folder_and_none_twice(self):
        command = ("train", "all", "--preset", "quick", "--epochs", "1", "--quiet", "--out",
                   self.path("all"))
        self.assert_refused(weir(*command), "--epochs")  # Those are the forecaster's alone.
        command = tuple(word for word in command if word not in ("--epochs", "1"))
        outcome = Started([WEIR, *command]).outcome(limit_s=300)  # Five trainings.
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        kinds = ("capacity", "control", "forecaster", "limits", "scorer")
        self.assertEqual(outcome.stdout.count("  took "), len(kinds))
        self.assertEqual(sorted(os.listdir(self.path("all"))),
                         [f"{kind}.{end}" for kind in kinds for end in ("curves.h5", "h5", "svg")])
        again = weir(*command, "--resume")
        self.assertEqual((again.code, again.stdout, again.stderr), (0, "", ""))
        # Ranks go by them; a network of another level is none.
        result = self.assert_completed(run(4, *SMALL_RUN, "--control", self.path("all/control.h5"),
                                           "--limit-control", self.path("all/limits.h5")))
        self.assertGreater(result["learned"]["control"]["directives"], 10)
        self.assertGreater(result["limits"]["control"]["decisions"], 0)
        for option in ("--control", "--limit-control", "--capacity-control"):
            refused = weir("run", *SMALL_RUN, "--capacity", "forecast", option,
                           self.path("all/scorer.h5"))
            self.assert_refused(refused, "scorer.h5")

    def test_refuses_other_kinds_presets_and_places(self):
        self.assert_refused(weir("train", "oracle"), "'oracle'")
        self.assert_refused(self.train("w.h5", "--preset", "huge"), "--preset")
        self.assert_refused(self.train("w.h5", "--resume"), "checkpoint")
        self.assert_refused(self.train("no/where.h5"), "the weights cannot be written")
        self.assert_refused(self.train("w.svg"), "--out")
        self.assertEqual(os.listdir(self.folder), [])


# The other one is about another build.
del globals()["WithoutTorch" if WITH_TORCH else "WithTorch"]

if __name__ == "__main__":
    main()
